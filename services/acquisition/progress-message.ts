import { campaignProgress } from '../../src/learning/campaign/campaign-progress.ts';
import type { CampaignState } from '../../src/learning/campaign/campaign-state.ts';
import { parkedReason } from '../../src/learning/campaign/campaign-step.ts';
import type { CampaignProgress } from '../../src/protocol/generated/elastream/v1/services.generated.ts';

/** How far a campaign is, as those who watch it are told. */
export function progressMessage(campaign: string, state: CampaignState): CampaignProgress {
  const { round, members, calculations, labelsAcquired, pool } = campaignProgress(state);
  const { labelled, pending, failed } = calculations;
  return {
    campaign,
    round,
    labelsAcquired,
    pool,
    membersTrained: members.trained,
    members: members.total,
    calculationsSettled: labelled + failed,
    calculations: labelled + pending + failed,
    paused: state.paused,
    stopped: state.stopped,
    parked: parkedReason(state),
  };
}
