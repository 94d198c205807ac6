import type { MaterialId } from '../../model/material-id.ts';
import type { Target } from '../../model/target.ts';
import type { CampaignCreated } from '../campaign/campaign-events.ts';
import type { RoundContents } from '../campaign/round-contents.ts';
import { trainingLabels } from '../data/training-set.ts';
import { memberRows } from './member-split.ts';

/** The ids for training and for testing: enough to train the same ensemble with another program. */
export interface SplitRows {
  readonly test: readonly MaterialId[];
  /** By target, the ids on which a member trains; members differ in `seed`. */
  readonly members: readonly (Readonly<Partial<Record<Target, readonly MaterialId[]>>> & { readonly seed: number })[];
}

/** The split of a round as its members use it; ids ascending. */
export function splitRows(
  { training, test }: Pick<RoundContents, 'training' | 'test'>,
  { config, campaign }: Pick<CampaignCreated, 'config' | 'campaign'>,
): SplitRows {
  const labels = trainingLabels(training, config, campaign, new Map());
  const ids = training.map(({ facts }) => facts.materialId);
  return {
    test: test.map(({ facts }) => facts.materialId),
    members: Array.from({ length: config.ensemble.members }, (_, seed) => {
      const rows = memberRows(labels, seed, config.sampling).training;
      const byTarget = config.targets.map((target, t) => [target, Array.from(rows[t]!, (row) => ids[row]!)]);
      return { seed, ...Object.fromEntries(byTarget) };
    }),
  };
}
