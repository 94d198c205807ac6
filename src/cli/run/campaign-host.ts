import { systemClock } from '../../adapters/in-process/system-clock.ts';
import { systemRandom } from '../../adapters/in-process/system-random.ts';
import { type SubmittedTally, submitSource } from '../../adapters/remote/submit-source.ts';
import type { StopRule } from '../../learning/campaign/campaign-config.ts';
import type { CampaignState } from '../../learning/campaign/campaign-state.ts';
import type { Progress } from '../../ports/control-plane.ts';
import type { EventLog, EventLogReader } from '../../ports/event-log.ts';
import type { MaterialSource } from '../../ports/material-source.ts';
import type {
  Campaigns,
  CreateCampaignReply,
  Gateway,
} from '../../protocol/generated/elastream/v1/services.generated.ts';
import { toLimitFields } from '../../protocol/stop-rule-message.ts';
import { TOPICS } from '../../reading/campaign-log.ts';
import { createCampaignStates } from '../../reading/campaign-states.ts';
import { type FollowPorts, follow } from '../../reading/follow.ts';
import type { Arm } from './arms.ts';
import { watchProgress } from './watch-progress.ts';

/** The services of wherever campaigns run, and what carries calls to them. */
export interface HostLink {
  readonly gateway: Gateway;
  readonly campaigns: Campaigns;
  /** Read through the gateway. */
  readonly log: EventLogReader & Pick<EventLog, 'follow'>;
  /** Runs an action again if its error is passing and the connection may come back. */
  readonly retrying: <T>(action: () => Promise<T>) => Promise<T>;
  /** Whether the services run in this process: they end with it. */
  readonly isOwn: boolean;
  /** Rejects with the error after which the services cannot continue, if this process learns of it. */
  readonly failed: Promise<never>;
  /** Resolves when the tables hold all that has happened so far, if that can be known. */
  tablesComplete(): Promise<void>;
  close(): Promise<void>;
}

interface IngestRequest {
  readonly labelSet: string;
  readonly signal: AbortSignal;
  readonly onProgress: (tally: SubmittedTally) => void;
}

/** What a campaign's filters leave out of labels, and of candidates. */
type LeftOut = Pick<CreateCampaignReply, 'labelsLeftOut' | 'candidateCriteria'>;

/** Where campaigns run, in this process or on a cluster, and what is known here of them. */
export interface CampaignHost extends Pick<HostLink, 'isOwn' | 'failed' | 'tablesComplete' | 'close'> {
  readonly ports: FollowPorts & { readonly log: EventLogReader };
  /** The sources that the log holds whole. */
  ingested(): Promise<ReadonlySet<string>>;
  ingest(source: MaterialSource, request: IngestRequest): Promise<SubmittedTally>;
  state(campaign: string): CampaignState;
  /** Calls back after every change that this process has read. */
  onChange(listener: () => void): void;
  /**
   * Makes a campaign, or finds it, once it is known that it can learn something.
   * @returns what its filters leave out
   * @throws AppError `invalid_argument` where it could learn nothing, or is there with other settings
   */
  create(arm: Arm, sources: readonly string[]): Promise<LeftOut>;
  /** Lets a paused or parked campaign go on. */
  resume(campaign: string): Promise<void>;
  /** @throws AppError `invalid_argument` where a limit would be lowered, or the campaign has ended for another reason */
  raiseStopRule(campaign: string, stop: StopRule): Promise<void>;
  /** Calls back until the returned function is called. */
  watchProgress(campaign: string, onProgress: (progress: Progress) => void): () => Promise<void>;
}

/** @throws AppError `unavailable` where nobody answers
 */
export async function openHost(link: HostLink): Promise<CampaignHost> {
  const { gateway, campaigns, log, retrying, isOwn, tablesComplete } = link;
  const ports = { clock: systemClock, random: systemRandom, log };
  const states = createCampaignStates(TOPICS.campaigns);
  const listeners = new Set<() => void>();
  // Ask once first: following waits for a log for ever, and the user of a wrong address should be told soon.
  const following = await log
    .topics()
    .then(() =>
      follow(ports, [states], {
        onBatch() {
          for (const listener of listeners) listener();
        },
      }),
    )
    .catch(async (error: unknown) => {
      await link.close();
      throw error;
    });
  /** Asks, and waits until the states here show what the answer has changed. */
  async function asked<T>(ask: () => Promise<T>): Promise<T> {
    const answer = await retrying(ask);
    await following.caughtUp(TOPICS.campaigns.name);
    return answer;
  }
  const failed = Promise.race([link.failed, following.failed]);
  // It is not an unhandled rejection if nobody watches it.
  failed.catch(() => {});
  return {
    ...{ ports, isOwn, tablesComplete, state: states.state, failed },
    ingested: async () => new Set((await retrying(() => gateway.ListSources({}))).sources),
    ingest: (source, request) => submitSource(source, { gateway, ...request, retrying }),
    onChange: (listener) => void listeners.add(listener),
    async create({ document }, sources) {
      // The services check it as we did.
      const request = { campaignJson: JSON.stringify(document), sources: [...sources] };
      return asked(() => campaigns.CreateCampaign(request));
    },
    async resume(campaign) {
      await asked(() => campaigns.ResumeCampaign({ campaign }));
    },
    async raiseStopRule(campaign, rule) {
      await asked(() => campaigns.RaiseStopRule({ campaign, ...toLimitFields(rule) }));
    },
    watchProgress: (campaign, onProgress) => watchProgress(campaigns, campaign, onProgress),
    async close() {
      await following.stop();
      await link.close();
    },
  };
}
