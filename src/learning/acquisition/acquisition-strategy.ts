import { hashedUniform } from '../../kernels/hashed-draw.ts';
import type { MaterialId } from '../../model/material-id.ts';
import type { StrategyName } from '../campaign/campaign-config.ts';

/** A scored candidate: mean and population STDEV over the members, in the order of the targets, GPa. */
interface ScoredCandidate {
  readonly id: MaterialId;
  readonly mean: ArrayLike<number>;
  readonly standardDeviation: ArrayLike<number>;
}

/** What a round's scores are relative to; frozen with the round. */
export interface AcquisitionContext {
  readonly seed: number;
  readonly round: number;
  /** Per target; 1 each unless the campaign says otherwise. */
  readonly weights: ArrayLike<number>;
  /** Mean and population STDEV of the snapshot's labels outside the test set, per target, GPa. */
  readonly labelMean: ArrayLike<number>;
  readonly labelStandardDeviation: ArrayLike<number>;
}

/** How a campaign chooses. A strategy must not depend on which other candidates share a partition. */
export interface AcquisitionStrategy {
  readonly name: StrategyName;
  /** How many of its best a partition must report, so that the merged choice is that of the whole pool. */
  keepPerPartition(batch: number): number;
  /** Larger is chosen first; never NaN. */
  score(candidate: ScoredCandidate, context: AcquisitionContext): number;
}

/** Largest disagreement: sum over targets of weight * STDEV / STDEV of the labels (Jo, Choi, Kim, Min, Fig. 6). */
const exploration: AcquisitionStrategy = {
  name: 'exploration',
  keepPerPartition: (batch) => batch,
  score: ({ standardDeviation }, { weights, labelStandardDeviation }) =>
    weightedSum(weights, (t) => standardDeviation[t]! / spread(labelStandardDeviation[t]!)),
};

/** Stiffest by prediction: sum over targets of weight * (mean - mean of the labels) / STDEV of the labels. */
const greedy: AcquisitionStrategy = {
  name: 'greedy',
  keepPerPartition: (batch) => batch,
  score: ({ mean }, { weights, labelMean, labelStandardDeviation }) =>
    weightedSum(weights, (t) => (mean[t]! - labelMean[t]!) / spread(labelStandardDeviation[t]!)),
};

/** The control: uniform in [0, 1) by SHA-256(seed, round, id), the same wherever the candidate lies. */
const random: AcquisitionStrategy = {
  name: 'random',
  keepPerPartition: (batch) => batch,
  score: ({ id }, { seed, round }) => hashedUniform('random-selection', [seed, round, id]),
};

export const ACQUISITION_STRATEGIES: Readonly<Record<StrategyName, AcquisitionStrategy>> = {
  exploration,
  random,
  greedy,
};

function weightedSum(weights: ArrayLike<number>, term: (target: number) => number): number {
  let sum = 0;
  for (let t = 0; t < weights.length; t++) sum += weights[t]! * term(t);
  return sum;
}

/** Labels that do not vary (or a single one) give no scale: the target then counts in GPa instead of as infinite. */
function spread(standardDeviation: number): number {
  return standardDeviation > 0 ? standardDeviation : 1;
}
