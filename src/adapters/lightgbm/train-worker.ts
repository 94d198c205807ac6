import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../model/app-error.ts';
import { type LightGbm, loadLightGbm } from './native.ts';
import { trainBooster } from './train-booster.ts';
import type { WorkerReply, WorkerRequest, WorkerResult } from './worker-messages.ts';

const PROGRESS_INTERVAL_MS = 250;

const port = parentPort!;
const send = (reply: WorkerReply) => port.postMessage(reply);
let loaded: LightGbm | undefined;

port.on('message', (request: WorkerRequest) => {
  if (request.kind === 'end') return port.close();
  try {
    // Loaded on the first request, so that a library that cannot be loaded fails the request and not the thread.
    loaded ??= loadLightGbm((workerData as { library: string }).library);
    send({ kind: 'done', result: perform(loaded, request) });
  } catch (error) {
    const code = error instanceof AppError ? error.code : 'internal';
    send({ kind: 'failed', code, message: error instanceof Error ? error.message : String(error) });
  }
});

function perform(lightgbm: LightGbm, request: Exclude<WorkerRequest, { kind: 'end' }>): WorkerResult {
  switch (request.kind) {
    case 'bin':
      return lightgbm.createDataset(request.values, request.rows, request.columns, request.parameters);
    case 'free':
      return void lightgbm.freeDataset(request.dataset);
    case 'train': {
      let next = performance.now() + PROGRESS_INTERVAL_MS;
      return trainBooster(lightgbm, request.job, (trees) => {
        if (request.progress && performance.now() >= next) {
          next = performance.now() + PROGRESS_INTERVAL_MS;
          send({ kind: 'progress', trees });
        }
        return Atomics.load(request.stop, 0) === 0;
      });
    }
  }
}
