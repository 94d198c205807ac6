import { AsyncResource } from 'node:async_hooks';
import { AppError } from '../../model/app-error.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { TrainingThread } from './training-thread.ts';
import type { WorkerRequest, WorkerResult } from './worker-messages.ts';

/** Runs requests in order of arrival, each on the next free thread. */
export interface TrainingPool {
  run(request: WorkerRequest, onProgress?: (trees: number) => void, stop?: Stop): Promise<WorkerResult>;
  end(): Promise<void>;
}

/** A request to stop. It reaches a task that waits and, through shared memory, a task at which a thread works. */
export interface Stop {
  /** Int32Array[1] on shared memory: not 0 after `now`. */
  readonly flag: Int32Array;
  now(): void;
  /** Called by `now` for a task that no thread has begun. */
  whileWaiting: () => void;
}

export function createStop(): Stop {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const stop: Stop = {
    flag,
    whileWaiting: () => {},
    now() {
      Atomics.store(flag, 0, 1);
      stop.whileWaiting();
    },
  };
  return stop;
}

/** @param trace shows what the threads work at, without the wait for one of them */
export function createTrainingPool(
  threads: readonly TrainingThread[],
  trace?: Pick<Telemetry, 'startSpan'>,
): TrainingPool {
  const queue: ((thread: TrainingThread) => void)[] = [];
  const pump = () => {
    for (const thread of threads) {
      if (queue.length > 0 && thread.idle()) queue.shift()!(thread);
    }
  };
  return {
    run: (request, onProgress, stop) =>
      new Promise((resolve, reject) => {
        // Another task's end may begin this one, whose span is a part of what asked for it.
        const begin = AsyncResource.bind((thread: TrainingThread) => {
          if (stop) stop.whileWaiting = () => {};
          const span = trace?.startSpan({ name: `${request.kind} in a worker thread` });
          const work = thread.run(request, onProgress);
          work.then(
            () => span?.end(),
            (error) => span?.end(error),
          );
          work.then(resolve, reject).finally(pump);
        });
        if (stop) {
          stop.whileWaiting = () => {
            const place = queue.indexOf(begin);
            if (place >= 0) queue.splice(place, 1);
            reject(new AppError('interrupted', 'training was stopped before it began'));
          };
        }
        queue.push(begin);
        pump();
      }),
    async end() {
      await Promise.all(threads.map((thread) => thread.end()));
    },
  };
}
