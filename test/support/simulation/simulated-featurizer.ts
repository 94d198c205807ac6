import { createLoopFeaturizer } from '../../../services/featurization/loop-featurizer.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type { Featurizer } from '../../../src/ports/featurizer.ts';
import type { Life } from './life.ts';
import type { Surroundings } from './surroundings.ts';

/** Featurizes on this thread, while virtual time stands still; results arrive in any order. */
export function createSimulatedFeaturizer(around: Surroundings, life: Life): Featurizer {
  const featurize = createLoopFeaturizer();
  let isClosed = false;
  return {
    featurize: (material) =>
      life.through(
        (async () => {
          await around.pause();
          if (isClosed) throw new AppError('closed', 'the featurizer has been closed');
          if (around.strikes('workerLost')) {
            throw new AppError('internal', 'a worker thread could not be started', { retryable: true });
          }
          return featurize(material);
        })(),
      ),
    async close() {
      isClosed = true;
    },
  };
}
