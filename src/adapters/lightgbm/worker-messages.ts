import type { ErrorCode } from '../../model/app-error.ts';
import type { Handle } from './native.ts';
import type { BoosterJob } from './train-booster.ts';

/** What the pool asks of a worker: one request at a time, each answered by one `Done` or `Failed`. */
export type WorkerRequest =
  | {
      readonly kind: 'bin';
      readonly values: Float64Array;
      readonly rows: number;
      readonly columns: number;
      readonly parameters: string;
    }
  | { readonly kind: 'train'; readonly job: BoosterJob; readonly stop: Int32Array; readonly progress: boolean }
  | { readonly kind: 'free'; readonly dataset: Handle }
  /** Frees nothing and ends the thread. */
  | { readonly kind: 'end' };

/** What a `bin` or a `train` yields. */
export type WorkerResult = Handle | string | undefined;

export type WorkerReply =
  | { readonly kind: 'progress'; readonly trees: number }
  | { readonly kind: 'done'; readonly result: WorkerResult }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };
