import type { CampaignConfig, StrategyName } from '../campaign/campaign-config.ts';
import type { AcquisitionContext, OfferedCandidate, PredictedCandidate } from './offered-candidate.ts';
import {
  confidenceBoundScore,
  drawnScore,
  improvementScore,
  meanScore,
  type RoundScore,
  rangeScore,
  spreadScore,
} from './scores.ts';
import { mergeTop, TopCandidates } from './top-candidates.ts';

/** A candidate in the answer of a partition. */
export interface AnsweredCandidate extends PredictedCandidate {
  /** Larger is better; never NaN. */
  readonly score: number;
  /** Members x targets, member by member. */
  readonly memberPredictions: ArrayLike<number>;
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
  answer<T extends OfferedCandidate>(size: number, context: AcquisitionContext): PartitionAnswer<T>;
  /** @throws RangeError if two partitions return the same id */
  merge<T extends AnsweredCandidate>(answers: Iterable<Iterable<T>>, size: number): T[];
  /** Best first. */
  choose<T extends AnsweredCandidate>(merged: readonly T[], batch: number): readonly T[];
}

/** The strategy of a campaign with its parameters. */
export function strategyOf({
  acquisition,
  targets,
}: Pick<CampaignConfig, 'acquisition' | 'targets'>): AcquisitionStrategy {
  const { strategy } = acquisition;
  switch (acquisition.strategy) {
    case 'exploration':
      return byScore(strategy, spreadScore);
    case 'random':
      return byScore(strategy, drawnScore);
    case 'greedy':
      return byScore(strategy, meanScore(acquisition.goal));
    case 'ucb':
      return byScore(strategy, confidenceBoundScore(acquisition));
    case 'ei':
    case 'pi':
      return byScore(strategy, improvementScore(acquisition));
    case 'range':
      return byScore(strategy, rangeScore(acquisition, targets));
  }
}

/**
 * A strategy whose answers are the candidates with the largest scores.
 * @param choice how many answers a batch needs and how it is chosen from them; by default the best
 */
export function byScore(
  kind: StrategyName,
  roundScore: RoundScore,
  choice: Partial<Pick<AcquisitionStrategy, 'answerSize' | 'choose'>> = {},
): AcquisitionStrategy {
  return {
    kind,
    answerSize: (batch) => batch,
    answer<T extends OfferedCandidate>(size: number, context: AcquisitionContext): PartitionAnswer<T> {
      const score = roundScore(context);
      const top = new TopCandidates<T & { readonly score: number }>(size);
      return {
        offer: (candidate) => top.offer({ ...candidate, score: score(candidate) }),
        best: () => top.best(),
      };
    },
    merge: mergeTop,
    choose: (merged, batch) => merged.slice(0, batch),
    ...choice,
  };
}
