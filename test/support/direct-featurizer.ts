import { createLoopFeaturizer } from '../../services/featurization/loop-featurizer.ts';
import type { Featurizer } from '../../src/ports/featurizer.ts';

/** Featurizes as the services' threads do, on the test's own. */
export function directFeaturizer(): Featurizer {
  const featurize = createLoopFeaturizer();
  return { featurize: async (material) => featurize(material), close: async () => {} };
}
