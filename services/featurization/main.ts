import { availableParallelism } from 'node:os';
import { createWorkerFeaturizer } from '../../src/adapters/worker-threads/featurizer.ts';
import { loopSchema } from '../../src/runtime/log-topics.ts';
import { runService } from '../wiring/run-service.ts';
import { startFeaturization } from './featurization.ts';

await runService({
  name: 'featurization',
  summary: 'Turns materials into feature vectors, partition by partition.',
  groups: ({ materials }) => ({ featurization: [materials.name] }),
  async start({ config, ports, open }) {
    const script = new URL('./featurize-worker.js', import.meta.url);
    const workers = config.workers ?? availableParallelism();
    const featurizer = await open('worker threads', () =>
      createWorkerFeaturizer({ script, workers, featureSchema: loopSchema(ports.topics) }),
    );
    return startFeaturization(ports, featurizer);
  },
});
