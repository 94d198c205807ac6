import type { StrategyName } from '../campaign/campaign-config.ts';
import type { AcquisitionContext, OfferedCandidate, PredictedCandidate } from './offered-candidate.ts';

/** A candidate in the answer of a partition. */
export interface AnsweredCandidate extends PredictedCandidate {
  /** Larger is better; never NaN. */
  readonly score: number;
  /** Members x targets, member by member. */
  readonly memberPredictions: ArrayLike<number>;
  /** By member, what it holds of the candidate; of strategies that let single members choose. */
  readonly sampled?: readonly number[];
  /** See standard-positions.ts; of strategies that place candidates. */
  readonly position?: readonly number[];
}

/** On what a choice depends beside the merged answer; the same on every node. */
interface ChoiceContext {
  readonly seed: number;
  readonly round: number;
  /** Positions of what earlier rounds selected and still wait for. */
  readonly awaited: readonly (readonly number[])[];
}

/** Collects the answer of a partition. It takes the candidates one by one and stores only those that it keeps. */
export interface PartitionAnswer<T> {
  offer(candidate: T): void;
  /** Best first. */
  best(): (T & Pick<AnsweredCandidate, 'score' | 'sampled'>)[];
}

/**
 * How a campaign selects the batch of a round. Each partition answers with some of its candidates, the answers are merged,
 * and the batch is chosen from the merged answer.
 *
 * 1. The merged answer is the same for any number and order of partitions.
 * 2. The batch depends only on the merged answer and the context. It holds as many candidates as requested, if there are so many.
 */
export interface AcquisitionStrategy {
  readonly kind: StrategyName;
  /** Whether the choice needs the positions of the candidates. */
  readonly placesCandidates: boolean;
  /** The number of candidates in a partition's answer for a batch of this size; at least that size. */
  answerSize(batch: number): number;
  answer<T extends OfferedCandidate>(size: number, context: AcquisitionContext): PartitionAnswer<T>;
  /** @throws RangeError if two partitions return the same id */
  merge<T extends AnsweredCandidate>(answers: Iterable<Iterable<T>>, size: number): T[];
  /** In the order of the choice. */
  choose<T extends AnsweredCandidate>(merged: readonly T[], batch: number, context: ChoiceContext): readonly T[];
}
