import { binningParameters, boosterParameters } from '../../../src/adapters/lightgbm/parameters.ts';
import { checkMatrix, checkTask } from '../../../src/adapters/lightgbm/training-checks.ts';
import { treesHash } from '../../../src/adapters/lightgbm/trees-hash.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type {
  BinnedData,
  Regressor,
  TrainedBooster,
  TrainingMatrix,
  TrainingOptions,
  TrainingTask,
} from '../../../src/ports/regressor.ts';
import type { Life } from './life.ts';
import { createSeededRandom } from './seeded-random.ts';
import { growStump, type Stump, stumpsText } from './stump-booster.ts';
import type { Surroundings } from './surroundings.ts';

/** After this many trees the booster checks whether it shall stop. */
const TREES_PER_TURN = 50;

/** Grows stumps in this thread instead of LightGBM's trees: fast, and the same data and seed give the same text. */
export function createSimulatedRegressor(around: Surroundings, life: Life): Regressor {
  const closing = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  return {
    engine: 'simulated stumps 1',
    workers: 2,
    treesHash,
    async bin(matrix, settings) {
      if (closing.signal.aborted) throw new AppError('interrupted', 'the regressor is closed');
      checkMatrix(matrix);
      const binning = binningParameters(settings);
      await life.through(around.pause());
      return createBinnedData(around, life, matrix, binning, closing.signal, underWay);
    },
    async close() {
      closing.abort();
      await life.through(Promise.allSettled(underWay));
    },
  };
}

function createBinnedData(
  around: Surroundings,
  life: Life,
  matrix: TrainingMatrix,
  binning: string,
  closing: AbortSignal,
  allUnderWay: Set<Promise<unknown>>,
): BinnedData {
  const underWay = new Set<Promise<unknown>>();
  let released = false;

  async function grow(task: TrainingTask, { signal, onProgress }: TrainingOptions): Promise<TrainedBooster> {
    await around.pause();
    if (around.strikes('workerLost')) {
      throw new AppError('internal', 'the worker of the training was lost', { retryable: true });
    }
    const random = createSeededRandom(task.seed);
    const offset = task.targets.reduce((sum, target) => sum + target, 0) / task.rows.length;
    const residuals = task.targets.map((target) => target - offset);
    const stumps: Stump[] = [];
    while (stumps.length < task.settings.trees) {
      if (stumps.length % TREES_PER_TURN === 0) {
        await new Promise((resolve) => setImmediate(resolve));
        if (signal?.aborted || closing.aborted || life.isOver()) {
          throw new AppError('interrupted', `training was stopped after ${stumps.length} trees`);
        }
        if (stumps.length > 0) onProgress?.(stumps.length);
      }
      stumps.push(growStump(matrix, task, residuals, random));
    }
    const modelText = stumpsText(matrix.columns, offset, stumps);
    around.tell(life.who, `trained ${treesHash(modelText).slice(0, 11)}`);
    return { modelText, treesHash: treesHash(modelText) };
  }

  return {
    async train(task, options = {}) {
      if (released || closing.aborted) throw new AppError('interrupted', 'the training data has been released');
      checkTask(task, matrix.rows);
      boosterParameters(binning, task.settings, task.seed);
      if (options.signal?.aborted) throw new AppError('interrupted', 'training was stopped before it began');
      const training = grow(task, options);
      for (const set of [underWay, allUnderWay]) {
        set.add(training);
        void training.catch(() => {}).finally(() => set.delete(training));
      }
      return life.through(training);
    },
    async release() {
      released = true;
      await life.through(Promise.allSettled(underWay));
    },
  };
}
