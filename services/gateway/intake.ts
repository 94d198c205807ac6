import type { Clock } from '../../src/ports/clock.ts';
import type { ByteBudget } from './byte-budget.ts';

/*
 * Invariants:
 * 1. At most `openMax` items have been pulled and not released, and at most `bytesMax` bytes pulled and not done with; all
 *    streams of the process together hold what their budget allows (each of both overdrawn by an item at most): beyond,
 *    the stream is not pulled, which holds back whoever sends.
 * 2. The stream is pulled while what has arrived is worked on, and never twice at a time.
 * 3. Bytes are held by what is worked on or will be, never by whoever does not read its answers. What was taken is held
 *    until it is done with, though the stream be closed: it is in memory as long.
 * 4. While a stream brings many, what has arrived waits for what still comes: a partition's append costs the same for one
 *    item and for fifty. What comes in ones and twos waits for nothing.
 */

/** Whoever brought so many at once has more: one for each partition. */
const MANY = 64;
/** A stream that is still for so long has nothing more for now. */
const STILL_MS = 10;
const GATHER_MS_MAX = 1000;

/** Pulls a stream ahead of the work on it, within bounds. */
export interface Intake<T> {
  /**
   * What has arrived, in order, and none behind one that is `last`; waits for the first. Nothing at the stream's end.
   * @throws the stream's error, after what came before it
   */
  take(isLast: (item: T) => boolean): Promise<readonly T[]>;
  /** All that was taken is worked through, or never will be: its bytes are free. */
  done(): void;
  /** So many are answered. */
  release(count: number): void;
  /** Pulls no more, and ends a wait. */
  close(): void;
}

export interface IntakeBounds<I, T> {
  readonly openMax: number;
  readonly bytesMax: number;
  /** Shared with the other streams of this process. */
  readonly budget: ByteBudget;
  readonly clock: Pick<Clock, 'sleep'>;
  /** What is kept of an item. */
  admit(item: I): T;
}

export function createIntake<I, T extends { readonly bytes: number }>(
  items: AsyncIterable<I>,
  { openMax, bytesMax, budget, clock, admit }: IntakeBounds<I, T>,
): Intake<T> {
  const iterator = items[Symbol.asyncIterator]();
  const closing = new AbortController();
  let arrived: T[] = [];
  let open = 0;
  let openBytes = 0;
  let takenBytes = 0;
  let lastTaken = 0;
  let pulling = false;
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  let wake = () => {};

  async function pull(): Promise<void> {
    if (pulling) return; // 2
    pulling = true;
    try {
      while (!ended && open < openMax && openBytes < bytesMax) {
        await budget.room(closing.signal); // 1
        if (ended) return;
        const next = await iterator.next();
        if (ended) return;
        if (next.done) ended = true;
        else hold(admit(next.value));
        wake();
      }
    } catch (error) {
      ended = true;
      failure = { error };
      wake();
    } finally {
      pulling = false;
    }
  }

  function hold(item: T): void {
    open++;
    openBytes += item.bytes;
    budget.take(item.bytes);
    arrived.push(item);
  }

  /** 4: until the stream is still, or brings no more before this is worked on. */
  async function gather(isLast: (item: T) => boolean): Promise<void> {
    const goesOn = () => pulling && !arrived.some(isLast);
    for (let waited = 0; waited < GATHER_MS_MAX && goesOn(); waited += STILL_MS) {
      const before = arrived.length;
      await clock.sleep(STILL_MS, closing.signal);
      if (arrived.length === before) return;
    }
  }

  function giveBack(bytes: number): void {
    openBytes -= bytes;
    budget.give(bytes);
  }

  void pull();
  return {
    async take(isLast) {
      while (arrived.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (lastTaken >= MANY && !ended) await gather(isLast);
      if (arrived.length === 0 && failure) throw failure.error;
      const last = arrived.findIndex(isLast);
      const taken = arrived.splice(0, last < 0 ? arrived.length : last + 1);
      takenBytes += bytesOf(taken);
      lastTaken = taken.length;
      return taken;
    },
    done() {
      giveBack(takenBytes);
      takenBytes = 0;
      void pull();
    },
    release(count) {
      open -= count;
      void pull();
    },
    close() {
      if (closing.signal.aborted) return;
      ended = true;
      giveBack(bytesOf(arrived)); // 3
      arrived = [];
      wake();
      closing.abort();
      // Not awaited: a stream that waits for its next item may never answer.
      iterator.return?.().catch(() => {});
    },
  };
}

function bytesOf(items: readonly { readonly bytes: number }[]): number {
  return items.reduce((sum, { bytes }) => sum + bytes, 0);
}
