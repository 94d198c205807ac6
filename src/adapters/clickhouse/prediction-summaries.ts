import type { Prediction, PredictionBatch } from '../../ports/result-store.ts';
import type { Cells } from './row-batches.ts';

interface Summary {
  readonly target: string;
  readonly partition: number;
  count: number;
  meanSum: number;
  stdSum: number;
  stdMax: number;
}

/**
 * Summary of a round, which stays after its predictions are thinned out: count, means and largest std per target and
 * partition.
 */
export class PredictionSummaries {
  readonly #byKey = new Map<string, Summary>();

  add({ target, partition, mean, std }: Prediction): void {
    const key = `${partition} ${target}`;
    let summary = this.#byKey.get(key);
    if (!summary) {
      summary = { target, partition, count: 0, meanSum: 0, stdSum: 0, stdMax: 0 };
      this.#byKey.set(key, summary);
    }
    summary.count++;
    summary.meanSum += mean;
    summary.stdSum += std;
    summary.stdMax = Math.max(summary.stdMax, std);
  }

  rows({ campaign, round, epoch }: PredictionBatch): Cells[] {
    return Array.from(this.#byKey.values(), ({ target, partition, count, meanSum, stdSum, stdMax }) => [
      campaign,
      round,
      target,
      partition,
      count,
      meanSum / count,
      stdSum / count,
      stdMax,
      epoch,
    ]);
  }
}
