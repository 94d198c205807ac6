import { AppError } from '../../model/app-error.ts';
import type { BinnedData, Regressor, TrainingMatrix, TrainingOptions, TrainingTask } from '../../ports/regressor.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { Handle } from './native.ts';
import { binningParameters, boosterParameters } from './parameters.ts';
import type { LightGbmLibrary } from './provide-library.ts';
import { checkMatrix, checkTask } from './training-checks.ts';
import { createStop, createTrainingPool, type Stop, type TrainingPool } from './training-pool.ts';
import { createTrainingThread } from './training-thread.ts';
import { treesHash } from './trees-hash.ts';

export interface LightGbmRegressorOptions {
  readonly library: LightGbmLibrary;
  /** Number of worker threads. Each trains one single-threaded booster at a time. */
  readonly workers: number;
  /** The compiled train-worker, if it is not beside this file. */
  readonly workerScript?: URL;
  readonly trace?: Pick<Telemetry, 'startSpan'>;
}

/**
 * Creates a regressor that trains with LightGBM in worker threads. The data is binned once; the threads share the bins
 * by their address.
 * Invariants:
 * 1. Binned data is freed exactly once, by `release` or `close`, after its last task has settled.
 * 2. After the start of `close` no data is binned and no task starts.
 */
export function createLightGbmRegressor(options: LightGbmRegressorOptions): Regressor {
  if (!(Number.isInteger(options.workers) && options.workers >= 1)) {
    throw new AppError('invalid_argument', `workers must be a whole number from 1, not ${options.workers}`);
  }
  quietOpenMp();
  const script = options.workerScript ?? new URL('./train-worker.js', import.meta.url);
  const threads = Array.from({ length: options.workers }, () => createTrainingThread(script, options.library.path));
  const pool = createTrainingPool(threads, options.trace);
  const stops = new Set<Stop>();
  const held = new Set<BinnedData>();
  const binnings = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  const bin = async (matrix: TrainingMatrix, parameters: string): Promise<BinnedData> => {
    const { values, rows, columns } = matrix;
    const dataset = (await pool.run({ kind: 'bin', values, rows, columns, parameters })) as Handle;
    const data = createBinnedData(pool, stops, { dataset, rows, parameters }, () => held.delete(data));
    held.add(data);
    return data;
  };
  const close = async () => {
    for (const stop of stops) stop.now();
    await Promise.allSettled(binnings);
    await Promise.all([...held].map((data) => data.release())); // 1
    await pool.end();
  };
  return {
    engine: `lightgbm sha256:${options.library.sha256}`,
    workers: options.workers,
    treesHash,
    async bin(matrix, settings) {
      if (closing) throw new AppError('interrupted', 'the regressor is closed'); // 2
      checkMatrix(matrix);
      const binning = bin(matrix, binningParameters(settings));
      binnings.add(binning);
      return binning.finally(() => binnings.delete(binning));
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

interface Binned {
  readonly dataset: Handle;
  readonly rows: number;
  readonly parameters: string;
}

function createBinnedData(pool: TrainingPool, stops: Set<Stop>, binned: Binned, released: () => void): BinnedData {
  const underWay = new Set<Promise<unknown>>();
  let releasing: Promise<void> | undefined;

  const train = async (task: TrainingTask, { signal, onProgress }: TrainingOptions) => {
    const parameters = boosterParameters(binned.parameters, task.settings, task.seed);
    const labels = Float32Array.from(task.targets);
    const job = { dataset: binned.dataset, rows: task.rows, labels, parameters, trees: task.settings.trees };
    const stop = createStop();
    stops.add(stop);
    signal?.addEventListener('abort', stop.now);
    try {
      const request = { kind: 'train', job, stop: stop.flag, progress: onProgress !== undefined } as const;
      const modelText = (await pool.run(request, onProgress, stop)) as string;
      return { modelText, treesHash: treesHash(modelText) };
    } finally {
      signal?.removeEventListener('abort', stop.now);
      stops.delete(stop);
    }
  };
  const release = async () => {
    await Promise.allSettled(underWay);
    await pool.run({ kind: 'free', dataset: binned.dataset }); // 1
    released();
  };
  return {
    async train(task, options = {}) {
      if (releasing) throw new AppError('interrupted', 'the training data has been released'); // 2
      checkTask(task, binned.rows);
      if (options.signal?.aborted) throw new AppError('interrupted', 'training was stopped before it began');
      const training = train(task, options);
      underWay.add(training);
      return training.finally(() => underWay.delete(training));
    },
    release() {
      releasing ??= release();
      return releasing;
    },
  };
}

/**
 * OpenMP's idle threads must sleep, not spin: otherwise they take the cores from the other members. OpenMP reads these
 * variables when the library is loaded. They are set here, on the main thread, because a worker's `process.env` is a
 * copy that C code does not see.
 */
function quietOpenMp(): void {
  process.env.GOMP_SPINCOUNT ??= '0';
  process.env.OMP_WAIT_POLICY ??= 'passive';
}
