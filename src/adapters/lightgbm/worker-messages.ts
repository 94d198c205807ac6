import type { ErrorCode } from '../../model/app-error.ts';
import type { Handle } from './native.ts';
import type { BoosterJob } from './train-booster.ts';

/** A request to a worker. A worker gets one request at a time and answers it with one `done` or `failed` reply. */
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

/** Result of a request: the handle of binned data, the model text, or nothing. */
export type WorkerResult = Handle | string | undefined;

export type WorkerReply =
  | { readonly kind: 'progress'; readonly trees: number }
  | { readonly kind: 'done'; readonly result: WorkerResult }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };
