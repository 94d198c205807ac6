import type { Prediction, PredictionBatch } from '../../ports/result-store.ts';
import type { Cells } from './row-batches.ts';

interface Summary {
  readonly target: string;
  readonly partition: number;
  count: number;
  meanSum: number;
  stdevSum: number;
  stdevMax: number;
}

/**
 * Summary of a round, which stays after its predictions are thinned out: count, means and largest STDEV per target and
 * partition.
 */
export class PredictionSummaries {
  readonly #byKey = new Map<string, Summary>();

  add({ target, partition, mean, stdev }: Prediction): void {
    const key = `${partition} ${target}`;
    let summary = this.#byKey.get(key);
    if (!summary) {
      summary = { target, partition, count: 0, meanSum: 0, stdevSum: 0, stdevMax: 0 };
      this.#byKey.set(key, summary);
    }
    summary.count++;
    summary.meanSum += mean;
    summary.stdevSum += stdev;
    summary.stdevMax = Math.max(summary.stdevMax, stdev);
  }

  rows({ campaign, round, epoch }: PredictionBatch): Cells[] {
    return Array.from(this.#byKey.values(), ({ target, partition, count, meanSum, stdevSum, stdevMax }) => [
      campaign,
      round,
      target,
      partition,
      count,
      meanSum / count,
      stdevSum / count,
      stdevMax,
      epoch,
    ]);
  }
}
