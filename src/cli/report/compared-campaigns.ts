import type { CampaignConfig } from '../../learning/campaign/campaign-config.ts';
import { AppError } from '../../model/app-error.ts';
import { sortedJson } from '../../model/sorted-json.ts';
import type { CampaignHistories, CampaignHistory } from '../../reading/campaign-history.ts';
import { chooseCampaign } from '../campaign/chosen-campaign.ts';

/**
 * The campaigns that a report shows beside each other, the earliest first: the named ones, or all.
 * @throws AppError `invalid_argument` where they differ in more than the strategy, since that would be no comparison
 */
export function comparedCampaigns(
  campaigns: CampaignHistories,
  names: readonly string[] | undefined,
): CampaignHistory[] {
  const chosen =
    names === undefined && campaigns.size > 0
      ? [...campaigns.values()]
      : [...new Set(names ?? [undefined])].map((name) => chooseCampaign(campaigns, name));
  chosen.sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  const [first, ...others] = chosen;
  for (const other of others) {
    const differences = differencesOf(first!, other);
    if (differences.length === 0) continue;
    const all = [...campaigns.keys()].sort().join(', ');
    const [one, two] = [first!.created.campaign, other.created.campaign];
    throw new AppError(
      'invalid_argument',
      `${one} and ${two} differ in ${differences.join(', ')}, so a report cannot compare them: ` +
        `name one campaign, or several that differ in their strategy alone, with --campaign (${all})`,
    );
  }
  const strategies = chosen.map(strategyOf);
  const twice = chosen.filter((history) => strategies.filter((other) => other === strategyOf(history)).length > 1);
  if (twice.length === 0) return chosen;
  const both = twice.map(({ created }) => created.campaign).join(' and ');
  throw new AppError('invalid_argument', `${both} have the same strategy: name one of them with --campaign`);
}

function strategyOf({ created: { config } }: CampaignHistory): string {
  return config.acquisition.strategy;
}

/** Keys of the configuration, and the data, in which they differ; the strategy and the name may. */
function differencesOf(one: CampaignHistory, other: CampaignHistory): string[] {
  const [a, b] = [comparable(one.created.config), comparable(other.created.config)];
  const keys = Object.keys({ ...a, ...b }) as (keyof CampaignConfig)[];
  const differing = keys.filter((key) => sortedJson({ value: a[key] }) !== sortedJson({ value: b[key] }));
  const sameSources = one.created.sources.join('\n') === other.created.sources.join('\n');
  return [...differing, ...(sameSources ? [] : ['the content of their data'])];
}

function comparable(config: CampaignConfig): CampaignConfig {
  return { ...config, name: '', acquisition: { ...config.acquisition, strategy: 'random' } };
}
