import { quantities } from '../../model/target-words.ts';
import type { CampaignConfig } from '../campaign/campaign-config.ts';
import type { SelectedCandidate } from '../campaign/campaign-events.ts';

/** Why a candidate was chosen, in a few words: `STDEV G 12.1, K 30.4 GPa`. */
export function selectionReason(
  { acquisition, targets }: CampaignConfig,
  { mean, standardDeviation }: Pick<SelectedCandidate, 'mean' | 'standardDeviation'>,
): string {
  const list = (values: readonly number[]) =>
    quantities(
      targets.map((target, t) => [target, values[t]!.toFixed(1)]),
      ', ',
    );
  switch (acquisition.strategy) {
    case 'exploration':
      return `STDEV ${list(standardDeviation)}`;
    case 'greedy':
      return `mean ${list(mean)}`;
    case 'ucb':
    case 'ei':
    case 'pi':
    case 'thompson':
    case 'pareto':
    case 'range':
      return `mean ${list(mean)}, STDEV ${list(standardDeviation)}`;
    case 'random':
      return 'drawn at random';
  }
}
