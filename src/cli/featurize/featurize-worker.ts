import { parentPort, workerData } from 'node:worker_threads';
import { createUnitFeaturizer, type FeaturizeJob, type FeaturizeSettings } from './featurize-units.ts';

/** A worker thread of `elastream featurize`: says that it is ready, then answers each job with its items; an error ends it. */
const featurize = createUnitFeaturizer(workerData as FeaturizeSettings);
parentPort!.on('message', (job: FeaturizeJob) => parentPort!.postMessage(featurize(job)));
parentPort!.postMessage('ready');
