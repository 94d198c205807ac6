import type { Clock } from '../../ports/clock.ts';

/** How many events of a topic a group has not handled yet. */
export interface TopicLag {
  readonly group: string;
  readonly topic: string;
  readonly lag: number;
}

const ANSWER_MS_MAX = 1000;
const FRESH_MS = 5000;

/**
 * The lag as of at most 5 s ago; none where it cannot be told within a second, since an old number would look like a
 * consumer at a standstill. Asks one question at a time, however many scrape.
 */
export function createConsumerLag(ask: () => Promise<readonly TopicLag[]>, clock: Clock) {
  let latest: { readonly at: number; readonly lags: readonly TopicLag[] } | undefined;
  let asking: Promise<void> | undefined;
  const isFresh = () => latest !== undefined && clock.monotonic() - latest.at < FRESH_MS;

  async function renew(): Promise<void> {
    let lags: readonly TopicLag[] = [];
    try {
      lags = await ask();
    } catch {
      // Whoever is out of reach is not asked at every scrape either. The services that meet the fault say it.
    }
    latest = { at: clock.monotonic(), lags };
    asking = undefined;
  }

  return async (): Promise<readonly TopicLag[]> => {
    if (!isFresh()) {
      const waiting = new AbortController();
      asking ??= renew();
      await Promise.race([asking, clock.sleep(ANSWER_MS_MAX, waiting.signal)]);
      waiting.abort();
    }
    return isFresh() ? latest!.lags : [];
  };
}
