import type { Clock } from '../../src/ports/clock.ts';
import type { ByteBudget } from './byte-budget.ts';

/*
 * Invariants:
 * 1. Backpressure: at most `openMax` items are pulled and not released, and at most `bytesMax` bytes are pulled and not
 *    done. All streams of the process together hold at most what their budget allows. (Each stream may exceed either
 *    byte limit by one item.) Beyond a limit the stream is not pulled, which holds back the sender.
 * 2. The stream is pulled while items that have arrived are processed, and never twice at a time.
 * 3. Bytes are counted for items that are being processed or will be, not for answers that a client does not read.
 *    Taken items count until they are done, even after the stream is closed, because they are in memory until then.
 * 4. While a stream brings many items, `take` waits for more: an append to a partition costs the same for one item and
 *    for fifty. Single items never wait.
 */

/** A stream that brought this many items at once has more: one for each partition. */
const MANY = 64;
/** A stream that brings nothing for this long has nothing more for now. */
const STILL_MS = 10;
const GATHER_MS_MAX = 1000;

/** Pulls items from a stream ahead of their processing, within limits. */
export interface Intake<T> {
  /**
   * Returns the items that have arrived, in order, up to the first one that is `last`. Waits for the first item.
   * Returns an empty list at the stream's end.
   * @throws the stream's error, after the items before it
   */
  take(isLast: (item: T) => boolean): Promise<readonly T[]>;
  /** Frees the bytes of all taken items: they are processed, or never will be. */
  done(): void;
  /** This many items are answered. */
  release(count: number): void;
  /** Stops pulling and ends a waiting `take`. */
  close(): void;
}

export interface IntakeBounds<I, T> {
  readonly openMax: number;
  readonly bytesMax: number;
  /** Shared with the other streams of this process. */
  readonly budget: ByteBudget;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Returns the part of an item that is kept. */
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

  /** Invariant 4: waits until the stream brings nothing more, or may bring no more before these items are processed. */
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
