import type { CampaignCreated } from '../../src/learning/campaign/campaign-events.ts';
import {
  type CampaignProspects,
  campaignProspects,
  hopelessness,
} from '../../src/learning/campaign/campaign-prospects.ts';
import type { MaterialCatalogue } from '../../src/learning/data/material-catalogue.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { NodeChanges } from './node-changes.ts';

export interface ExaminationParts extends Pick<NodeChanges, 'onChange'> {
  readonly topics: Topics;
  readonly catalogue: MaterialCatalogue;
}

/**
 * What a campaign would begin with, once its sources are featurized.
 * @throws AppError `invalid_argument` where it could learn nothing
 */
export async function examineCampaign(
  created: CampaignCreated,
  { topics, catalogue, onChange }: ExaminationParts,
): Promise<CampaignProspects> {
  const { campaign, config, sources } = created;
  await new Promise<void>((resolve) => {
    const check = () => {
      if (sources.some((source) => catalogue.completedSource(source, ['features', 'examples']) === undefined)) return;
      forget();
      resolve();
    };
    const forget = onChange(check);
    check();
  });
  const prospects = campaignProspects(created, catalogue, topics.materials.partitions);
  const reason = hopelessness(prospects, config);
  if (reason === undefined) return prospects;
  throw new AppError('invalid_argument', `campaign ${campaign} cannot begin: ${reason}`);
}
