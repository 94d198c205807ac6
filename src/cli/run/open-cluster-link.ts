import { systemClock } from '../../adapters/in-process/system-clock.ts';
import { systemRandom } from '../../adapters/in-process/system-random.ts';
import { retrying } from '../../runtime/retry.ts';
import { connectCluster } from '../cluster/connect-cluster.ts';
import type { HostLink } from './campaign-host.ts';

/** Longer than a gateway takes to be started elsewhere. Where another program listens, each attempt takes 30 s. */
const RETURN_POLICY = {
  ...{ attemptsMax: Number.POSITIVE_INFINITY, withinMs: 120_000 },
  ...{ firstDelayMs: 25, delayMsMax: 2_000 },
};

/** Campaigns on a cluster, through its gateway. They go on there without us. */
export function openClusterLink(url: string, signal: AbortSignal): HostLink {
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
  return {
    ...{ gateway, campaigns, log, close, retrying: patiently, isOwn: false },
    failed: new Promise<never>(() => {}),
    // Other processes fill them, and nobody here knows how far they are.
    tablesComplete: async () => {},
  };
}
