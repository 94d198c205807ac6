import { parentPort, workerData } from 'node:worker_threads';
import type { Material } from '../../src/model/material.ts';
import { createLoopFeaturizer } from './loop-featurizer.ts';

/** A worker thread of the featurization: reports that it is ready, then answers each material. */
const featurize = createLoopFeaturizer((workerData as { readonly featureSchema?: string } | null)?.featureSchema);
parentPort!.on('message', (material: Material) => {
  const featurization = featurize(material);
  parentPort!.postMessage(featurization, 'vector' in featurization ? [featurization.vector.buffer as ArrayBuffer] : []);
});
parentPort!.postMessage('ready');
