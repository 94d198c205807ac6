import type { CampaignConfig } from '../campaign/campaign-config.ts';
import type { SelectedCandidate } from '../campaign/campaign-events.ts';

const SYMBOL = { g_vrh: 'G', k_vrh: 'K' } as const;

/** Why a candidate was chosen, in a few words: `STDEV G 12.1, K 30.4 GPa`. */
export function selectionReason(
  { acquisition, targets }: CampaignConfig,
  { mean, standardDeviation }: Pick<SelectedCandidate, 'mean' | 'standardDeviation'>,
): string {
  const list = (values: readonly number[]) =>
    targets.map((target, t) => `${SYMBOL[target]} ${values[t]!.toFixed(1)}`).join(', ');
  switch (acquisition.strategy) {
    case 'exploration':
      return `STDEV ${list(standardDeviation)} GPa`;
    case 'greedy':
      return `mean ${list(mean)} GPa`;
    case 'random':
      return 'drawn at random';
  }
}
