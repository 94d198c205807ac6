import { runService } from '../wiring/run-service.ts';
import { startFeaturization } from './featurization.ts';

await runService({
  name: 'featurization',
  summary: 'Turns materials into feature vectors, partition by partition.',
  groups: ({ materials }) => ({ featurization: [materials.name] }),
  start: ({ ports }) => startFeaturization(ports),
});
