import type { CampaignConfig } from '../../learning/campaign/campaign-config.ts';
import { configHash } from '../../learning/campaign/campaign-decider.ts';
import { counted } from '../../learning/campaign/campaign-prospects.ts';
import type { CampaignState } from '../../learning/campaign/campaign-state.ts';
import { presentStopRule, raisedLimits, sameStopRule } from '../../learning/campaign/stop-rule.ts';
import type { CandidateCriterion } from '../../protocol/generated/elastream/v1/services.generated.ts';
import { readRejections, rejectionCounts } from '../../reading/rejection-counts.ts';
import { placeArgument } from '../cluster/cluster-url.ts';
import type { Arm } from './arms.ts';
import type { CampaignHost } from './campaign-host.ts';
import type { RunDisplay } from './run-display.ts';

/**
 * Makes the campaigns that are not there yet, once it is known that they can learn something.
 * @param arms on the same data
 * @throws AppError `invalid_argument` where they cannot, or are there with other settings
 */
export async function createCampaigns(
  place: string,
  arms: readonly Arm[],
  sources: readonly string[],
  host: CampaignHost,
  display: RunDisplay,
): Promise<void> {
  const first = arms.find(({ config: { name } }) => host.state(name).created === undefined);
  for (const arm of arms) {
    const { config } = arm;
    // Whoever runs a directory again has looked.
    if (host.isOwn && host.state(config.name).parked !== undefined) await host.resume(config.name);
    await raiseStopRule(config, host, display);
    const creating = host.create(arm, sources);
    if (arm === first) {
      // Told in either case: what was refused may be the reason why nothing is left.
      await creating.catch(() => {});
      const rejections = await readRejections(host.ports.log);
      const how = `elastream rejections ${placeArgument(place)}`;
      if (rejections.length > 0) display.note(`${rejectionCounts(rejections)}; see them with ${how}`);
    }
    const { labelsLeftOut, candidateCriteria } = await creating;
    if (arm !== first) continue;
    const leftOut = counted(labelsLeftOut);
    if (leftOut !== '') display.note(`labels left out by data_filters: ${leftOut}`);
    const criteria = candidateCriteria.map(criterionText).join('; ');
    if (criteria !== '') display.note(`candidate_filters: ${criteria}`);
  }
}

/** `small_band_gap removed 12, could not judge 300` */
function criterionText({ criterion, removed, notJudged }: CandidateCriterion): string {
  return `${criterion} removed ${removed}${notJudged === 0 ? '' : `, could not judge ${notJudged}`}`;
}

/** Raises the stop rule if the campaign exists and its file differs from it in the stop rule only. */
async function raiseStopRule(config: CampaignConfig, host: CampaignHost, display: RunDisplay): Promise<void> {
  const state = host.state(config.name);
  if (!differsInStopAlone(config, state)) return;
  const raised = raisedLimits(presentStopRule(state), config.stop);
  await host.raiseStopRule(config.name, config.stop);
  display.note(`${config.name}: ${raised}`);
}

/** Whether the file's configuration equals the campaign's except for the stop rule. */
function differsInStopAlone(config: CampaignConfig, state: CampaignState): boolean {
  const { created } = state;
  if (created === undefined || sameStopRule(presentStopRule(state), config.stop)) return false;
  return configHash({ ...config, stop: created.config.stop }) === created.configHash;
}
