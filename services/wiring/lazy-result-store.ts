import type { ResultStore } from '../../src/ports/result-store.ts';

/**
 * Creates a result store that is opened by its first use, and again by the next use if that failed. So a service starts
 * and works while the tables are unavailable.
 */
export function lazyResultStore(open: () => Promise<ResultStore>): ResultStore {
  let opening: Promise<ResultStore> | undefined;
  const opened = () => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return {
    storePredictions: async (...of) => (await opened()).storePredictions(...of),
    storeMembers: async (rows) => (await opened()).storeMembers(rows),
    storeRounds: async (rows) => (await opened()).storeRounds(rows),
    storeSelections: async (rows) => (await opened()).storeSelections(rows),
    storeRejections: async (rows) => (await opened()).storeRejections(rows),
    storedPredictions: async (campaign) => (await opened()).storedPredictions(campaign),
    notePositions: async (positions) => (await opened()).notePositions(positions),
    positions: async () => (await opened()).positions(),
    thinPredictionsBefore: async (round) => (await opened()).thinPredictionsBefore(round),
    async *query(...of) {
      yield* (await opened()).query(...of);
    },
    clear: async () => (await opened()).clear(),
    async close() {
      if (opening) await opening.then((store) => store.close()).catch(() => {});
    },
  };
}
