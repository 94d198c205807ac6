import { systemClock } from '../../adapters/in-process/system-clock.ts';
import { systemRandom } from '../../adapters/in-process/system-random.ts';
import { submitSource } from '../../adapters/remote/submit-source.ts';
import { AppError } from '../../model/app-error.ts';
import type { Campaigns } from '../../protocol/generated/elastream/v1/services.generated.ts';
import { createCampaignStates } from '../../reading/campaign-states.ts';
import { follow } from '../../reading/follow.ts';
import { retrying } from '../../runtime/retry.ts';
import { TOPICS } from '../campaign/campaign-directory.ts';
import { connectCluster } from '../cluster/connect-cluster.ts';
import type { CampaignHost } from './campaign-host.ts';
import type { ReadCampaign } from './read-campaign.ts';

export interface ClusterRun {
  /** The campaign file's content: the gateway checks it as we did. */
  readonly document: ReadCampaign['document'];
  readonly signal: AbortSignal;
}

/** Longer than a gateway takes to be started elsewhere. Where another program listens, each attempt takes 30 s. */
const RETURN_POLICY = {
  ...{ attemptsMax: Number.POSITIVE_INFINITY, withinMs: 120_000 },
  ...{ firstDelayMs: 25, delayMsMax: 2_000 },
};

/**
 * Campaigns on a cluster, through its gateway. They go on there without us.
 * @throws AppError `unavailable` where nobody answers
 */
export async function openClusterHost(url: string, { document, signal }: ClusterRun): Promise<CampaignHost> {
  const context = { clock: systemClock, random: systemRandom, signal };
  /** A wrong address is to be said soon; who has answered once comes back. */
  let hasAnswered = false;
  const patiently = async <T>(action: () => Promise<T>) => {
    if (hasAnswered) return retrying(context, action, RETURN_POLICY);
    const answer = await action();
    hasAnswered = true;
    return answer;
  };
  const { gateway, campaigns, log, close } = connectCluster(url, patiently);
  const ports = { clock: systemClock, random: systemRandom, log };
  const states = createCampaignStates(TOPICS.campaigns);
  const listeners = new Set<() => void>();
  // Once, because whoever waits for a gateway at an address that is wrong should be told soon.
  const following = await log
    .topics()
    .then(() => {
      hasAnswered = true;
      return follow(ports, [states], {
        onBatch() {
          for (const listener of listeners) listener();
        },
      });
    })
    .catch(async (error: unknown) => {
      await close();
      throw error;
    });
  return {
    ports,
    ingested: async () => new Set((await patiently(() => gateway.ListSources({}))).sources),
    ingest: (source, request) => submitSource(source, { gateway, ...request, retrying: patiently }),
    state: states.state,
    onChange: (listener) => void listeners.add(listener),
    async create(config, sources) {
      const { name, acquisition } = config;
      const asked = {
        ...document,
        name,
        acquisition: { ...(document.acquisition as object), strategy: acquisition.strategy },
      };
      const request = { campaignJson: JSON.stringify(asked), sources: [...sources] };
      return (await patiently(() => campaigns.CreateCampaign(request))).labelsLeftOut;
    },
    watchProgress: async (campaign, onProgress) => watchProgress(campaigns, campaign, onProgress),
    // Other processes fill them, and nobody here knows how far they are.
    tablesComplete: async () => {},
    failed: following.failed,
    async close() {
      await following.stop();
      await close();
    },
  };
}

const AGAIN_MS = 2_000;

/** For eyes only: what is lost of it is nobody's failure. */
function watchProgress(
  campaigns: Pick<Campaigns, 'WatchCampaign'>,
  campaign: string,
  onProgress: Parameters<CampaignHost['watchProgress']>[1],
): () => Promise<void> {
  const stopping = new AbortController();
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      try {
        for await (const progress of campaigns.WatchCampaign({ campaign })) {
          if (stopping.signal.aborted) return;
          const { round, members: total, membersTrained: done, calculations, calculationsSettled } = progress;
          if (calculations > 0) {
            onProgress({ campaign, round, step: 'calculate', done: calculationsSettled, total: calculations });
          } else onProgress({ campaign, round, step: 'train', done, total });
        }
        return;
      } catch (error) {
        // We are done, whether anybody has said so here: nothing else would keep the process.
        if (error instanceof AppError && error.code === 'closed') return;
        // It may not have been made yet.
        await systemClock.sleep(AGAIN_MS, stopping.signal);
      }
    }
  })();
  return async () => {
    stopping.abort();
    await Promise.race([watching, systemClock.sleep(0)]);
  };
}
