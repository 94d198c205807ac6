import type { Clock } from '../../src/ports/clock.ts';
import { isOurs, isPassing } from '../../src/runtime/retry.ts';
import { createFailure, type Service } from '../../src/runtime/service.ts';
import type { Waiting } from './campaign-writer-parts.ts';

/** Takes all campaigns of the log forward beside each other, one step after the other. */
export interface CampaignLoops extends Service {
  /** There are new events: who waits for some looks again, and campaigns that are new begin. */
  wake(): void;
}

export interface CampaignLoopsParts {
  readonly clock: Clock;
  /** No wait is longer. */
  readonly waitMsMax: number;
  names(): readonly string[];
  /** Whether there is anything to do for it now, or will be by itself. */
  isAtWork(campaign: string): boolean;
  /** Does what can be done now, and tells what the campaign waits for. */
  step(campaign: string): Promise<Waiting>;
  /** Has a campaign wait for somebody to look, whose step has failed in a way that no retry cures; the others go on. */
  park(campaign: string, error: unknown): Promise<void>;
}

export function createCampaignLoops(parts: CampaignLoopsParts): CampaignLoops {
  const { clock, waitMsMax } = parts;
  const working = new Map<string, Promise<void>>();
  const wakers = new Set<() => void>();
  const failure = createFailure();
  const stopping = new AbortController();
  let changes = 0;

  /** To the campaign's end, or what is its end for now. What is out of reach is asked again for as long as it takes. */
  async function advance(campaign: string): Promise<void> {
    while (!stopping.signal.aborted) {
      const seen = changes;
      if (!parts.isAtWork(campaign)) return;
      try {
        await waitedFor(await parts.step(campaign), seen);
      } catch (error) {
        // Not the campaign's failure: this service ends, and another one goes on with all its campaigns.
        if (isOurs(error) && !isPassing(error)) throw error;
        if (!isPassing(error) && !stopping.signal.aborted) await parked(campaign, error);
        await clock.sleep(waitMsMax, stopping.signal);
      }
    }
  }

  async function parked(campaign: string, reason: unknown): Promise<void> {
    await parts.park(campaign, reason).catch((error: unknown) => {
      if (!isPassing(error)) throw error;
    });
  }

  async function waitedFor(waiting: Waiting, seen: number): Promise<void> {
    if (waiting.for === 'nothing') return;
    if (waiting.for === 'lease') return clock.sleep(waitMsMax, stopping.signal);
    await changed(seen, waiting.for === 'clock' ? Math.min(waitMsMax, waiting.untilMs - clock.monotonic()) : waitMsMax);
  }

  /** Resolves with the next change, or after that time. */
  async function changed(seen: number, waitMs: number): Promise<void> {
    if (changes !== seen || stopping.signal.aborted) return;
    const ended = new AbortController();
    const wake = () => ended.abort();
    wakers.add(wake);
    await clock.sleep(Math.max(0, waitMs), ended.signal);
    wakers.delete(wake);
  }

  function wake(): void {
    changes++;
    for (const waker of [...wakers]) waker();
    if (stopping.signal.aborted) return;
    for (const campaign of parts.names()) {
      if (working.has(campaign)) continue;
      const work = advance(campaign)
        .catch((error) => {
          if (!stopping.signal.aborted) failure.fail(error);
        })
        .finally(() => working.delete(campaign));
      working.set(campaign, work);
    }
  }

  return {
    failed: failure.promise,
    wake,
    async stop() {
      stopping.abort();
      wake();
      await Promise.all(working.values());
    },
  };
}
