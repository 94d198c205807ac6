import { AppError } from '../../model/app-error.ts';
import type { Handle, LightGbm } from './native.ts';

/** One booster to train, in the library's terms. */
export interface BoosterJob {
  readonly dataset: Handle;
  readonly rows: Int32Array;
  readonly labels: Float32Array;
  readonly parameters: string;
  readonly trees: number;
}

/**
 * Trains one booster on a subset of binned data and returns its model text. Everything that it creates in the library
 * is freed, also after a failure. The subset shares the bins, not the labels.
 * @param treeGrown called after each tree; training stops if it returns false
 */
export function trainBooster(lightgbm: LightGbm, job: BoosterJob, treeGrown: (trees: number) => boolean): string {
  const subset = lightgbm.createSubset(job.dataset, job.rows, job.parameters);
  try {
    lightgbm.setLabels(subset, job.labels);
    const booster = lightgbm.createBooster(subset, job.parameters);
    try {
      for (let tree = 1; tree <= job.trees; tree++) {
        if (lightgbm.growTree(booster)) break;
        if (!treeGrown(tree)) throw new AppError('interrupted', `training was stopped after ${tree} trees`);
      }
      return lightgbm.modelText(booster);
    } finally {
      lightgbm.freeBooster(booster);
    }
  } finally {
    lightgbm.freeDataset(subset);
  }
}
