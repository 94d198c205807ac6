import type { BinnedData } from '../../src/ports/regressor.ts';

/*
 * Invariants:
 * 1. Nobody who uses the bins has them freed under his hands.
 * 2. Bins that could not be made are made anew by whoever comes next, and so are those that were freed.
 */

/** A round's training data in bins: made by the first who needs them, freed after the last once the round is over. */
export interface SharedBins {
  use<T>(make: () => Promise<BinnedData>, action: (bins: BinnedData) => Promise<T>): Promise<T>;
  /** The round is over: they are freed as soon as nobody uses them. */
  retire(): Promise<void>;
}

export function createSharedBins(): SharedBins {
  let binned: Promise<BinnedData> | undefined;
  let users = 0;
  let isRetired = false;

  async function freeIfIdle(): Promise<void> {
    if (!isRetired || users > 0) return;
    const idle = binned;
    binned = undefined; // 2
    await (await idle)?.release();
  }

  async function made(make: () => Promise<BinnedData>): Promise<BinnedData> {
    binned ??= make();
    const mine = binned;
    return mine.catch((error) => {
      if (binned === mine) binned = undefined; // 2
      throw error;
    });
  }

  return {
    async use(make, action) {
      users++; // 1
      try {
        return await action(await made(make));
      } finally {
        users--;
        await freeIfIdle();
      }
    },
    retire() {
      isRetired = true;
      return freeIfIdle();
    },
  };
}
