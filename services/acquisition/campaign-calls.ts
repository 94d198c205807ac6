import { issueText, parseCampaign } from '../../src/campaign-file/parse-campaign.ts';
import type { CampaignConfig } from '../../src/learning/campaign/campaign-config.ts';
import { AppError } from '../../src/model/app-error.ts';
import type {
  Campaigns,
  CreateCampaignReply,
  CreateCampaignRequest,
} from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { fromLimitFields } from '../../src/protocol/stop-rule-message.ts';
import { stoppableStream } from '../../src/runtime/stoppable-stream.ts';
import type { RunningAcquisition } from './acquisition.ts';
import type { RequestedCommand } from './campaign-requests.ts';
import { progressMessage } from './progress-message.ts';

/** What people ask of campaigns, answered by one of the nodes that decide on them. */
export function createCampaignCalls(acquisition: RunningAcquisition): Campaigns {
  async function request(campaign: string, command: RequestedCommand): Promise<Record<never, never>> {
    await acquisition.caughtUp();
    checkKnown(acquisition, campaign);
    await acquisition.request(campaign, command);
    return {};
  }
  return {
    CreateCampaign: (asked) => createCampaign(acquisition, asked),
    PauseCampaign: ({ campaign }) => request(campaign, { type: 'PauseCampaign' }),
    ResumeCampaign: ({ campaign }) => request(campaign, { type: 'ResumeCampaign' }),
    CancelCampaign: ({ campaign }) => request(campaign, { type: 'CancelCampaign' }),
    RaiseStopRule: async ({ campaign, ...limits }) =>
      request(campaign, { type: 'RaiseStopRule', stop: fromLimitFields(limits) }),
    WatchCampaign: ({ campaign }) =>
      stoppableStream(async function* (signal) {
        await acquisition.caughtUp();
        checkKnown(acquisition, campaign);
        while (!signal.aborted) {
          // Whatever has changed since it was last asked for: a slow reader misses steps, and never falls behind.
          const progress = progressMessage(campaign, acquisition.state(campaign));
          yield progress;
          if (progress.stopped !== undefined) return;
          const told = JSON.stringify(progress);
          const isNews = () => JSON.stringify(progressMessage(campaign, acquisition.state(campaign))) !== told;
          await acquisition.until(isNews, signal);
        }
      }),
  };
}

async function createCampaign(
  acquisition: RunningAcquisition,
  { campaignJson, sources }: CreateCampaignRequest,
): Promise<CreateCampaignReply> {
  const config = parseConfig(campaignJson);
  const { name: campaign } = config;
  checkSources(config, sources);
  await acquisition.caughtUp();
  const isCreated = () => acquisition.state(campaign).created !== undefined;
  const create = () => acquisition.create(campaign, config, sources);
  // Refused at once where it is there with other settings.
  if (isCreated()) await create();
  const { dropped, criteria } = await acquisition.whileRunning(acquisition.examine(campaign, config, sources));
  await create();
  await acquisition.until(isCreated);
  // Another node may have been first, with other settings.
  await create();
  return {
    campaign,
    configHash: acquisition.state(campaign).created!.configHash,
    labelsLeftOut: { ...dropped.data },
    candidateCriteria: [...criteria],
  };
}

function parseConfig(json: string): CampaignConfig {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new AppError('invalid_argument', `campaign_json is not JSON: ${(cause as Error).message}`, { cause });
  }
  const { config, issues } = parseCampaign(value);
  if (config) return config;
  throw new AppError('invalid_argument', `campaign_json is refused\n${issues.map(issueText).join('\n')}`);
}

function checkSources({ data, candidates }: CampaignConfig, sources: readonly string[]): void {
  const wanted = data.length + (candidates.from === 'files' ? candidates.paths.length : 0);
  if (sources.length === wanted) return;
  const remedy = 'name one for each entry of data and of candidates.paths, in this order';
  throw new AppError('invalid_argument', `sources are ${sources.length} where ${wanted} must be: ${remedy}`);
}

function checkKnown(acquisition: RunningAcquisition, campaign: string): void {
  const names = acquisition.names();
  if (names.includes(campaign)) return;
  const known = names.length === 0 ? 'there is none yet' : `there are ${[...names].sort().join(', ')}`;
  throw new AppError('invalid_argument', `there is no campaign "${campaign}": ${known}`);
}
