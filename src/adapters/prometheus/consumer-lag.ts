import type { Clock } from '../../ports/clock.ts';

/** Number of events of a topic that a consumer group has not handled yet. */
export interface TopicLag {
  readonly group: string;
  readonly topic: string;
  readonly lag: number;
}

const ANSWER_MS_MAX = 1000;
const FRESH_MS = 5000;

/**
 * Returns a function that gives the lag, at most 5 s old. It gives nothing if the lag cannot be found within a second,
 * because an old number would look like a stalled consumer. It asks one question at a time, however many scrapes come.
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
      // After a failure the next scrapes do not ask either. The services that meet the fault report it.
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
