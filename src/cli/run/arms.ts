import { DEFAULT_STRATEGY } from '../../campaign-file/acquisition-schema.ts';
import { type CampaignConfig, type ComparedStrategy, otherStrategy } from '../../learning/campaign/campaign-config.ts';
import type { ReadCampaign } from './read-campaign.ts';

/** One campaign of a run, and the content of a campaign file that says so. */
export interface Arm {
  readonly config: CampaignConfig;
  readonly document: ReadCampaign['document'];
}

/** The campaigns of one run. */
export interface ArmsRequest extends Arm {
  /** Strategies to run beside the campaign's own. */
  readonly compare: readonly ComparedStrategy[];
  /** How many seeds each strategy has, counted on from the campaign's. */
  readonly seeds: number;
}

/**
 * The campaign, and the same with other strategies and seeds, each a campaign of its own on the same data. A seed draws
 * candidates, test set and members anew.
 */
export function armsOf({ config, document, compare, seeds }: ArmsRequest): Arm[] {
  const { name, seed, acquisition } = config;
  const strategies = [
    { suffix: '', acquisition },
    ...compare
      .filter((strategy, i) => strategy !== acquisition.strategy && compare.indexOf(strategy) === i)
      .map((strategy) => ({ suffix: `-${strategy}`, acquisition: otherStrategy(acquisition, strategy) })),
  ];
  return Array.from({ length: seeds }, (_, i) =>
    strategies.map(({ suffix, acquisition: chosen }) => {
      const arm = {
        ...config,
        name: `${name}${suffix}${i === 0 ? '' : `-seed-${seed + i}`}`,
        seed: seed + i,
        acquisition: chosen,
      };
      return { config: arm, document: documentOf(arm, document) };
    }),
  ).flat();
}

function documentOf({ name, seed, acquisition }: CampaignConfig, document: Arm['document']): Arm['document'] {
  const given = document.acquisition as {
    readonly strategy?: unknown;
    readonly batch: unknown;
    readonly weights?: unknown;
    readonly diversity?: unknown;
    readonly constraints?: unknown;
  };
  const arm = { ...document, name, seed };
  if ((given.strategy ?? DEFAULT_STRATEGY) === acquisition.strategy) return arm;
  // Settings of the file's own strategy mean nothing to another one.
  const { batch, weights, diversity, constraints } = given;
  const common = Object.entries({ batch, weights, diversity, constraints }).filter(([, value]) => value !== undefined);
  return { ...arm, acquisition: { ...Object.fromEntries(common), strategy: acquisition.strategy } };
}
