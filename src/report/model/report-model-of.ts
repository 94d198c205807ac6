import type { EnsembleModels } from '../../learning/ensemble/predict-rows.ts';
import type { CampaignHistory } from '../../reading/campaign-history.ts';
import type { ReportArm, ReportModel, ReportRow } from '../report-model.ts';
import { dataRows, settingsRows } from './campaign-rows.ts';
import { dataCredits } from './data-credits.ts';
import { reportArm } from './report-arm.ts';
import type { ReportedCampaign } from './reported-campaign.ts';
import { hasSimulatedLabels } from './simulated-labels.ts';

/** What is kept of a campaign when its feature vectors make room for those of the next one. */
export interface ReportPart {
  readonly history: CampaignHistory;
  readonly arm: ReportArm;
  readonly data: readonly ReportRow[];
  /** What its members were trained on. */
  readonly engines: readonly string[];
  readonly simulated: boolean;
}

/**
 * What a report keeps of one campaign.
 * @param models of the last measured round; without them, all but what only they can tell
 * @param engines that its members were trained with
 */
export function reportPart(
  campaign: ReportedCampaign,
  models: EnsembleModels | undefined,
  engines: readonly string[],
): ReportPart {
  const { history } = campaign;
  return {
    history,
    arm: reportArm(campaign, models),
    data: dataRows(campaign),
    engines,
    simulated: hasSimulatedLabels(campaign),
  };
}

/** Of campaigns that can be compared, the earliest first; it gives its name to the report. */
export function reportModel(
  parts: readonly [ReportPart, ...ReportPart[]],
  written: Pick<ReportModel, 'generatedAt' | 'elastreamVersion'>,
): ReportModel {
  const [{ history, data }] = parts;
  const { stopRule } = history;
  const { config, campaign } = history.created;
  const seeds = new Set(parts.map(({ arm }) => arm.seed));
  const arms = parts.map(({ arm }) => (seeds.size === 1 ? arm : { ...arm, name: `${arm.name}, seed ${arm.seed}` }));
  return {
    ...written,
    name: campaign,
    simulated: parts.some(({ simulated }) => simulated),
    status: statusOf(parts, arms),
    targets: config.targets,
    settings: settingsRows(config, {
      stopRule,
      seeds: [...seeds].sort((a, b) => a - b),
      engines: [...new Set(parts.flatMap(({ engines }) => engines))].sort(),
    }),
    data,
    arms,
    credits: dataCredits(config),
  };
}

/** `stopped: labels`, `in round 3`; arms that are not equally far one by one. */
function statusOf(parts: readonly ReportPart[], arms: readonly ReportArm[]): string {
  const states = parts.map(({ history: { stopped, rounds } }) => {
    if (stopped !== undefined) return `stopped: ${stopped}`;
    return rounds.length === 0 ? 'before its first round' : `in round ${rounds.length}`;
  });
  const [first] = states;
  if (states.every((state) => state === first)) return first!;
  return states.map((state, i) => `${arms[i]!.name} ${state}`).join(', ');
}
