import { hashedUniform } from '../../kernels/hashed-draw.ts';
import type { MaterialId } from '../../model/material-id.ts';
import type { AcquisitionSettings, StrategyName } from '../campaign/campaign-config.ts';
import { mergeTop, TopCandidates } from './top-candidates.ts';

/** The prediction for a candidate: mean and population STDEV over the members, in the order of the targets. */
export interface PredictedCandidate {
  readonly id: MaterialId;
  readonly mean: ArrayLike<number>;
  readonly standardDeviation: ArrayLike<number>;
}

/** A candidate in the answer of a partition. */
export interface AnsweredCandidate extends PredictedCandidate {
  /** Larger is better; never NaN. */
  readonly score: number;
  /** Members x targets, member by member. */
  readonly memberPredictions: ArrayLike<number>;
}

/** What a round's scores are relative to; frozen with the round. */
export interface AcquisitionContext {
  readonly seed: number;
  readonly round: number;
  /** Per target; 1 each unless the campaign says otherwise. */
  readonly weights: ArrayLike<number>;
  /** Mean and population STDEV of the snapshot's labels outside the test set, per target, in its unit. */
  readonly labelMean: ArrayLike<number>;
  readonly labelStandardDeviation: ArrayLike<number>;
}

/** Collects the answer of a partition. It takes the candidates one by one and stores only those that it keeps. */
interface PartitionAnswer<T> {
  offer(candidate: T): void;
  /** Best first. */
  best(): (T & { readonly score: number })[];
}

/**
 * How a campaign selects the batch of a round. Each partition answers with some of its candidates, the answers are merged,
 * and the batch is chosen from the merged answer.
 *
 * 1. The merged answer is the same for any number and order of partitions.
 * 2. The batch depends only on the merged answer. It holds as many candidates as requested, if there are so many.
 */
export interface AcquisitionStrategy {
  readonly kind: StrategyName;
  /** The number of candidates in a partition's answer for a batch of this size; at least that size. */
  answerSize(batch: number): number;
  answer<T extends PredictedCandidate>(size: number, context: AcquisitionContext): PartitionAnswer<T>;
  /** @throws RangeError if two partitions return the same id */
  merge<T extends AnsweredCandidate>(answers: Iterable<Iterable<T>>, size: number): T[];
  /** Best first. */
  choose<T extends AnsweredCandidate>(merged: readonly T[], batch: number): readonly T[];
}

/** The strategy of a campaign with its parameters. */
export function strategyOf({ strategy }: AcquisitionSettings): AcquisitionStrategy {
  switch (strategy) {
    case 'exploration':
      return byScore(strategy, spreadScore);
    case 'greedy':
      return byScore(strategy, meanScore);
    case 'random':
      return byScore(strategy, drawnScore);
  }
}

type Score = (candidate: PredictedCandidate, context: AcquisitionContext) => number;

/**
 * A strategy whose answers are the candidates with the largest scores.
 * @param choice how many answers a batch needs and how it is chosen from them; by default the best
 */
export function byScore(
  kind: StrategyName,
  score: Score,
  choice: Partial<Pick<AcquisitionStrategy, 'answerSize' | 'choose'>> = {},
): AcquisitionStrategy {
  return {
    kind,
    answerSize: (batch) => batch,
    answer<T extends PredictedCandidate>(size: number, context: AcquisitionContext): PartitionAnswer<T> {
      const top = new TopCandidates<T & { readonly score: number }>(size);
      return {
        offer: (candidate) => top.offer({ ...candidate, score: score(candidate, context) }),
        best: () => top.best(),
      };
    },
    merge: mergeTop,
    choose: (merged, batch) => merged.slice(0, batch),
    ...choice,
  };
}

/** Largest disagreement: sum over targets of weight * STDEV / STDEV of the labels (Jo, Choi, Kim, Min, Fig. 6). */
const spreadScore: Score = ({ standardDeviation }, { weights, labelStandardDeviation }) =>
  weightedSum(weights, (t) => standardDeviation[t]! / spread(labelStandardDeviation[t]!));

/** Stiffest by prediction: sum over targets of weight * (mean - mean of the labels) / STDEV of the labels. */
const meanScore: Score = ({ mean }, { weights, labelMean, labelStandardDeviation }) =>
  weightedSum(weights, (t) => (mean[t]! - labelMean[t]!) / spread(labelStandardDeviation[t]!));

/** The control: uniform in [0, 1) by SHA-256(seed, round, id), the same wherever the candidate lies. */
const drawnScore: Score = ({ id }, { seed, round }) => hashedUniform('random-selection', [seed, round, id]);

function weightedSum(weights: ArrayLike<number>, term: (target: number) => number): number {
  let sum = 0;
  for (let t = 0; t < weights.length; t++) sum += weights[t]! * term(t);
  return sum;
}

/** Labels that do not vary (or a single one) give no scale: the target then counts in its unit instead of as infinite. */
function spread(standardDeviation: number): number {
  return standardDeviation > 0 ? standardDeviation : 1;
}
