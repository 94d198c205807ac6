import { AppError } from '../../model/app-error.ts';
import type { ResultStore } from '../../ports/result-store.ts';

/** Takes every row and keeps none: for a machine without chdb, where the models alone can be made anew. */
export function withoutTables(): ResultStore {
  const nothing = async () => {};
  return {
    storePredictions: nothing,
    storeMembers: nothing,
    storeRounds: nothing,
    storeSelections: nothing,
    storeRejections: nothing,
    storedPredictions: async () => [],
    notePositions: nothing,
    positions: async () => [],
    thinPredictionsBefore: nothing,
    clear: nothing,
    query() {
      throw new AppError('dependency_missing', 'there are no tables to ask without chdb');
    },
    close: nothing,
  };
}
