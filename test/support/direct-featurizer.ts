import { createLoopFeaturizer } from '../../services/featurization/loop-featurizer.ts';
import type { Featurizer } from '../../src/ports/featurizer.ts';

/** Featurizes like the services' worker threads, but on the test's own thread. */
export function directFeaturizer(): Featurizer {
  const featurize = createLoopFeaturizer();
  return { featurize: async (material) => featurize(material), close: async () => {} };
}
