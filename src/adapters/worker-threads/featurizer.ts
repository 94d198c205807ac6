import type { Material } from '../../model/material.ts';
import { siteCount } from '../../model/structure.ts';
import type { Featurization, Featurizer } from '../../ports/featurizer.ts';
import { createWorkerPool, WorkerLost } from './worker-pool.ts';

export interface WorkerFeaturizerOptions {
  /** The compiled featurize-worker. It answers each Material with its Featurization. */
  readonly script: URL;
  readonly workers: number;
  /** What the vectors hold; the worker's default if absent. */
  readonly featureSchema?: string;
}

/**
 * Number of sites that one thread has at hand, about 10 ms of work. So a thread gets small structures without a pause,
 * and hardly any structure waits behind a large one while another thread is free.
 */
const SITES_AT_HAND_MAX = 256;
/**
 * The heap limit is the same on every machine. Node's default depends on the machine's memory, and the result must not.
 */
const HEAP_MB_MAX = 1024;
const TRIES_MAX = 2;

/** Creates a featurizer that works in worker threads. */
export function createWorkerFeaturizer({ script, workers, featureSchema }: WorkerFeaturizerOptions): Featurizer {
  const pool = createWorkerPool<Material, Featurization>({
    script,
    size: workers,
    workerData: { featureSchema },
    loadMax: SITES_AT_HAND_MAX,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    weigh: ({ structure }) => siteCount(structure),
  });
  return {
    async featurize(material) {
      for (let tries = 1; ; tries++) {
        try {
          return await pool.run(material);
        } catch (error) {
          if (!(error instanceof WorkerLost)) throw error;
          if (tries === TRIES_MAX) return { refusal: refusalOf(material, error) };
        }
      }
    },
    close: () => pool.close(),
  };
}

function refusalOf({ structure }: Material, { message }: WorkerLost) {
  const remedy = 'give a smaller or simpler cell, and report this one, which is a defect of elastream';
  return {
    code: 'featurization_failed' as const,
    message: `its ${siteCount(structure)} sites could not be featurized, ${TRIES_MAX} times (${message}): ${remedy}`,
  };
}
