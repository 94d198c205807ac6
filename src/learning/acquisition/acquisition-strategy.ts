import type { CampaignConfig, StrategyName } from '../campaign/campaign-config.ts';
import type { AcquisitionStrategy, PartitionAnswer } from './batch-choice.ts';
import { diverse } from './diverse-batch.ts';
import type { AcquisitionContext, OfferedCandidate } from './offered-candidate.ts';
import {
  confidenceBoundScore,
  constrained,
  drawnScore,
  improvementScore,
  meanScore,
  paretoScore,
  type RoundScore,
  rangeScore,
  spreadScore,
} from './scores.ts';
import { thompson } from './thompson.ts';
import { mergeTop, TopCandidates } from './top-candidates.ts';

/** The strategy of a campaign with its parameters. */
export function strategyOf({
  acquisition,
  targets,
}: Pick<CampaignConfig, 'acquisition' | 'targets'>): AcquisitionStrategy {
  const { diversity } = acquisition;
  const strategy = selecting(acquisition, targets);
  return diversity === undefined ? strategy : diverse(strategy, diversity);
}

function selecting(acquisition: CampaignConfig['acquisition'], targets: readonly string[]): AcquisitionStrategy {
  const { strategy: kind, constraints } = acquisition;
  const scored = (score: RoundScore) => byScore(kind, constrained(score, constraints, targets));
  switch (acquisition.strategy) {
    case 'exploration':
      return scored(spreadScore(acquisition));
    case 'random':
      return scored(drawnScore);
    case 'greedy':
      return scored(meanScore(acquisition));
    case 'ucb':
      return scored(confidenceBoundScore(acquisition));
    case 'ei':
    case 'pi':
      return scored(improvementScore(acquisition));
    case 'thompson':
      return thompson(
        acquisition,
        constrained(() => () => 0, constraints, targets),
      );
    case 'pareto':
      return scored(paretoScore(acquisition));
    case 'range':
      return scored(rangeScore(acquisition.ranges, targets));
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
    placesCandidates: false,
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
