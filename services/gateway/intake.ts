import type { ByteBudget } from './byte-budget.ts';

/*
 * Invariants:
 * 1. At most `openMax` items of `bytesMax` bytes have been pulled and not released, and all streams of the process
 *    together hold what their budget allows (each of both overdrawn by an item at most): beyond, the stream is not
 *    pulled, which holds back whoever sends.
 * 2. The stream is pulled while what has arrived is worked on, and never twice at a time.
 */

/** Pulls a stream ahead of the work on it, within bounds. */
export interface Intake<T> {
  /**
   * What has arrived, in order, and none behind one that is `last`; waits for the first. Nothing at the stream's end.
   * @throws the stream's error, after what came before it
   */
  take(isLast: (item: T) => boolean): Promise<readonly T[]>;
  /** So many are done with. */
  release(count: number): void;
  /** Pulls no more, and ends a wait. */
  close(): void;
}

const END = { done: true, value: undefined } as const;

export interface IntakeBounds<T> {
  readonly openMax: number;
  readonly bytesMax: number;
  /** Shared with the other streams of this process. */
  readonly budget: ByteBudget;
  bytesOf(item: T): number;
}

export function createIntake<T>(items: AsyncIterable<T>, bounds: IntakeBounds<T>): Intake<T> {
  const { openMax, bytesMax, budget, bytesOf } = bounds;
  const iterator = items[Symbol.asyncIterator]();
  const arrived: T[] = [];
  /** Of what is open, in order. */
  const weights: number[] = [];
  let openBytes = 0;
  let pulling = false;
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  let wake = () => {};

  async function pull(): Promise<void> {
    if (pulling) return; // 2
    pulling = true;
    try {
      while (!ended && weights.length < openMax && openBytes < bytesMax) {
        await budget.room(); // 1
        const next = ended ? END : await iterator.next();
        if (next.done) ended = true;
        else if (!ended) {
          const bytes = bytesOf(next.value);
          weights.push(bytes);
          openBytes += bytes;
          budget.take(bytes);
          arrived.push(next.value);
        }
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

  function giveBack(count: number): void {
    const bytes = weights.splice(0, count).reduce((sum, weight) => sum + weight, 0);
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
      if (arrived.length === 0 && failure) throw failure.error;
      const last = arrived.findIndex(isLast);
      return arrived.splice(0, last < 0 ? arrived.length : last + 1);
    },
    release(count) {
      giveBack(count);
      void pull();
    },
    close() {
      ended = true;
      giveBack(weights.length);
      wake();
      // Not awaited: a stream that waits for its next item may never answer.
      iterator.return?.().catch(() => {});
    },
  };
}
