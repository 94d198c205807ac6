import { type CampaignConfig, type ComparedStrategy, otherStrategy } from './campaign-config.ts';

/** The campaigns of one run. */
export interface ArmsRequest {
  readonly config: CampaignConfig;
  /** Strategies to run beside the campaign's own. */
  readonly compare: readonly ComparedStrategy[];
  /** How many seeds each strategy has, counted on from the campaign's. */
  readonly seeds: number;
}

/**
 * The campaign, and the same with other strategies and seeds, each a campaign of its own on the same data. A seed draws
 * candidates, test set and members anew.
 */
export function armsOf({ config, compare, seeds }: ArmsRequest): CampaignConfig[] {
  const { name, seed, acquisition } = config;
  const strategies = [
    { suffix: '', acquisition },
    ...compare
      .filter((strategy, i) => strategy !== acquisition.strategy && compare.indexOf(strategy) === i)
      .map((strategy) => ({ suffix: `-${strategy}`, acquisition: otherStrategy(acquisition, strategy) })),
  ];
  return Array.from({ length: seeds }, (_, i) =>
    strategies.map(({ suffix, acquisition: chosen }) => ({
      ...config,
      name: `${name}${suffix}${i === 0 ? '' : `-seed-${seed + i}`}`,
      seed: seed + i,
      acquisition: chosen,
    })),
  ).flat();
}
