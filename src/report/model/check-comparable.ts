import { type CampaignConfig, otherStrategy } from '../../learning/campaign/campaign-config.ts';
import { AppError } from '../../model/app-error.ts';
import { sortedJson } from '../../model/sorted-json.ts';
import type { CampaignHistory } from '../../reading/campaign-history.ts';

/**
 * Whether a report may show them beside each other; `all` names those that there are.
 * @throws AppError `invalid_argument` where they differ in more than strategy and seed, since that would be no comparison
 */
export function checkComparable(compared: readonly CampaignHistory[], all: readonly string[]): void {
  const [first, ...others] = compared;
  for (const other of others) {
    const differences = differencesOf(first!, other);
    if (differences.length === 0) continue;
    const [one, two] = [first!.created.campaign, other.created.campaign];
    throw new AppError(
      'invalid_argument',
      `${one} and ${two} differ in ${differences.join(', ')}, so a report cannot compare them: ` +
        `name one campaign, or several that differ in strategy or seed alone, with --campaign (${[...all].sort().join(', ')})`,
    );
  }
  const arms = compared.map(armOf);
  const twice = compared.filter((history) => arms.filter((arm) => arm === armOf(history)).length > 1);
  if (twice.length === 0) return;
  const both = twice.map(({ created }) => created.campaign).join(' and ');
  throw new AppError('invalid_argument', `${both} have the same strategy and seed: name one of them with --campaign`);
}

function armOf({ created: { config } }: CampaignHistory): string {
  return `${config.acquisition.strategy} ${config.seed}`;
}

/** Keys of the configuration, and the data, in which they differ; strategy, seed and name may. */
function differencesOf(one: CampaignHistory, other: CampaignHistory): string[] {
  const [a, b] = [comparable(one.created.config), comparable(other.created.config)];
  const keys = Object.keys({ ...a, ...b }) as (keyof CampaignConfig)[];
  const differing = keys.filter((key) => sortedJson({ value: a[key] }) !== sortedJson({ value: b[key] }));
  const sameSources = one.created.sources.join('\n') === other.created.sources.join('\n');
  return [...differing, ...(sameSources ? [] : ['the content of their data'])];
}

function comparable(config: CampaignConfig): CampaignConfig {
  return { ...config, name: '', seed: 0, acquisition: otherStrategy(config.acquisition, 'random') };
}
