import { systemClock } from '../../adapters/in-process/system-clock.ts';
import { AppError } from '../../model/app-error.ts';
import type { Progress } from '../../ports/control-plane.ts';
import type { CampaignProgress, Campaigns } from '../../protocol/generated/elastream/v1/services.generated.ts';
import { TOPICS } from '../../reading/campaign-log.ts';

const AGAIN_MS = 2_000;

/**
 * Tells how far a campaign's step is, again and again. This is only displayed, so lost messages are no failure.
 * @returns a function that ends it
 */
export function watchProgress(
  campaigns: Pick<Campaigns, 'WatchCampaign'>,
  campaign: string,
  onProgress: (progress: Progress) => void,
): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;

  /** Watches until the campaign stops, or this watch is ended. */
  async function watch(): Promise<void> {
    const messages = campaigns.WatchCampaign({ campaign })[Symbol.asyncIterator]();
    // Not awaited: the stream may end only together with the connection.
    const leave = () => void messages.return?.().catch(() => {});
    signal.addEventListener('abort', leave);
    try {
      for (let next = await messages.next(); !next.done && !signal.aborted; next = await messages.next()) {
        const progress = progressOf(next.value);
        if (progress) onProgress(progress);
      }
    } finally {
      signal.removeEventListener('abort', leave);
      leave();
    }
  }

  const watching = (async () => {
    while (!signal.aborted) {
      try {
        return await watch();
      } catch (error) {
        // The connection is closed, so the process is ending. A further wait would only keep it alive.
        if (error instanceof AppError && error.code === 'closed') return;
        // The campaign may not have been made yet.
        await systemClock.sleep(AGAIN_MS, signal);
      }
    }
  })();
  return async () => {
    stopping.abort();
    await Promise.race([watching, systemClock.sleep(0)]);
  };
}

/** The step of a round that is at work; undefined before the first. */
function progressOf(message: CampaignProgress): Progress | undefined {
  const { campaign, round, members, membersTrained, calculations, calculationsSettled } = message;
  if (round === 0) return undefined;
  if (calculations > 0) return { campaign, round, step: 'calculate', done: calculationsSettled, total: calculations };
  if (membersTrained < members) return { campaign, round, step: 'train', done: membersTrained, total: members };
  return { campaign, round, step: 'score', done: 0, total: TOPICS.materials.partitions };
}
