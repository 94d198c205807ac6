import { Worker } from 'node:worker_threads';
import { AppError } from '../../model/app-error.ts';
import type { WorkerReply, WorkerRequest, WorkerResult } from './worker-messages.ts';

/** A worker thread that takes one request at a time. */
export interface TrainingThread {
  idle(): boolean;
  run(request: WorkerRequest, onProgress?: (trees: number) => void): Promise<WorkerResult>;
  /** Ends the thread once it is idle. */
  end(): Promise<void>;
}

interface Waiting {
  readonly resolve: (result: WorkerResult) => void;
  readonly reject: (error: AppError) => void;
  readonly onProgress: ((trees: number) => void) | undefined;
}

/**
 * Creates a training thread. It starts with its first request, and again with the first request after it was lost.
 * Invariants:
 * 1. `waiting` is set exactly while a request is under way. However the thread ends, `waiting` is settled.
 * 2. An idle thread does not keep the process alive.
 * 3. Messages of a thread that was lost and replaced are ignored.
 */
export function createTrainingThread(script: URL, library: string): TrainingThread {
  let worker: Worker | undefined;
  let waiting: Waiting | undefined;

  const settle = (how: (request: Waiting) => void) => {
    const request = waiting;
    waiting = undefined; // 1
    worker?.unref(); // 2
    if (request) how(request);
  };
  const receive = (reply: WorkerReply) => {
    if (reply.kind === 'progress') waiting?.onProgress?.(reply.trees);
    else if (reply.kind === 'done') settle((request) => request.resolve(reply.result));
    else settle((request) => request.reject(new AppError(reply.code, reply.message)));
  };
  const start = () => {
    const started = new Worker(script, { workerData: { library } });
    const lose = (reason: string, cause?: unknown) => {
      if (worker !== started) return; // 3
      worker = undefined;
      const message = `a LightGBM worker thread was lost: ${reason}`;
      settle((request) => request.reject(new AppError('internal', message, { retryable: true, cause })));
    };
    started.on('message', (reply: WorkerReply) => worker === started && receive(reply));
    started.on('error', (error) => lose(String(error), error));
    started.on('messageerror', (error) => lose(String(error), error));
    started.on('exit', (code) => lose(`it ended with code ${code}`));
    return started;
  };
  return {
    idle: () => waiting === undefined,
    run: (request, onProgress) =>
      new Promise((resolve, reject) => {
        worker ??= start();
        worker.ref();
        waiting = { resolve, reject, onProgress };
        worker.postMessage(request);
      }),
    async end() {
      const ending = worker;
      if (ending === undefined) return;
      worker = undefined;
      const ended = new Promise((resolve) => ending.once('exit', resolve));
      ending.ref();
      ending.postMessage({ kind: 'end' } satisfies WorkerRequest);
      await ended;
    },
  };
}
