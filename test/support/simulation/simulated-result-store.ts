import { AppError } from '../../../src/model/app-error.ts';
import type {
  ResultStore,
  RoundKey,
  Rows,
  StoredPosition,
  StoredRound,
  Written,
} from '../../../src/ports/result-store.ts';
import { createPortCalls, type Life } from './life.ts';
import { type Surroundings, unavailable } from './surroundings.ts';

const TABLES = ['predictions', 'partitions', 'members', 'rounds', 'selections', 'rejections', 'positions'] as const;

/** The rows that queries see, by table and key. */
export type StoredResults = Readonly<Record<(typeof TABLES)[number], Map<string, unknown>>>;

export function createStoredResults(): StoredResults {
  return Object.fromEntries(TABLES.map((table) => [table, new Map()])) as unknown as StoredResults;
}

const dropped = new WeakMap<StoredResults, Set<keyof StoredResults>>();

/**
 * Removes the rows and the tables, until a node reads the notes: until then, storing into them is refused, as in the
 * real store.
 */
export function dropTables(results: StoredResults, tables: readonly (keyof StoredResults)[]): void {
  for (const table of tables) results[table].clear();
  dropped.set(results, new Set(tables));
}

/** A node's access to the results that all nodes share. It supports no SQL. */
export function createSimulatedResultStore(around: Surroundings, life: Life, results: StoredResults): ResultStore {
  const calls = createPortCalls(around, life, 'result store');
  const fault = 'resultsRefused';

  /** Of two rows with one key, queries see the one with the higher epoch; with equal epochs, the one stored last. */
  function see(table: keyof StoredResults, key: readonly unknown[], row: { readonly epoch?: number }): void {
    const rows = results[table];
    const name = JSON.stringify(key);
    const seen = rows.get(name) as typeof row | undefined;
    if ((seen?.epoch ?? 0) <= (row.epoch ?? 0)) rows.set(name, row);
  }

  function store<T extends object>(table: keyof StoredResults, rows: Rows<T>, keyOf: (row: T) => readonly unknown[]) {
    return calls.call(`store ${table}`, fault, async () => {
      if (dropped.get(results)?.has(table)) {
        throw new AppError('storage_lost', `${table} was dropped`, { retryable: true });
      }
      const cut = around.strikes('resultsCut');
      for await (const row of rows) {
        see(table, keyOf(row), row);
        if (cut && table === 'predictions') throw unavailable('the result store');
      }
      // Rows that fit into one block of the engine are stored completely or not at all.
      if (cut) throw unavailable('the result store');
    });
  }

  const roundOf = ({ campaign, round }: RoundKey) => [campaign, round];
  return {
    async storePredictions({ partitions, ...batch }, rows) {
      const whole = async function* () {
        for await (const row of rows) {
          if (!Number.isFinite(row.mean) || !Number.isFinite(row.stdev)) {
            const what = `mean ${row.mean}, stdev ${row.stdev}`;
            throw new AppError(
              'invalid_argument',
              `the prediction of ${row.materialId} has ${what}: store finite ones`,
            );
          }
          yield { ...row, ...batch };
        }
      };
      await store('predictions', whole(), (row) => [...roundOf(row), row.target, row.materialId]);
      const notes = partitions.map((partition) => ({ ...batch, partition }));
      await store('partitions', notes, (row) => [...roundOf(row), row.partition]);
    },
    storeMembers: (rows) => store('members', rows, (row) => [...roundOf(row), row.target, row.member]),
    storeRounds: (rows) => store('rounds', rows, roundOf),
    storeSelections: (rows) => store('selections', rows, (row) => [...roundOf(row), row.rank]),
    storeRejections: (rows) => store('rejections', rows, (row) => [row.id]),
    storedPredictions: (campaign) =>
      calls.call('stored predictions', fault, () => {
        dropped.delete(results);
        return storedRounds(results, campaign);
      }),
    notePositions(positions) {
      const keyOf = ({ topic, partition }: StoredPosition) => [topic, partition];
      // Looked at as they are stored, since a store does both in one statement: between the two the tables may be lost.
      const following = function* () {
        for (const { after, ...position } of positions) {
          const known = results.positions.get(JSON.stringify(keyOf(position))) as StoredPosition | undefined;
          if (after === (known?.next ?? null)) yield position;
        }
      };
      return store('positions', following(), keyOf);
    },
    positions: () =>
      calls.call('positions', fault, () => {
        dropped.delete(results);
        return [...results.positions.values()] as StoredPosition[];
      }),
    thinPredictionsBefore: (before) =>
      calls.call('thin predictions', fault, () => {
        const keyOf = (row: Written & { materialId: string }) => JSON.stringify([...roundOf(row), row.materialId]);
        const decided = new Set(
          (Array.from(results.selections.values()) as Written[]).map((row) => JSON.stringify(roundOf(row))),
        );
        const selected = new Set([...results.selections.values()].map((row) => keyOf(row as never)));
        for (const [key, row] of results.predictions as Map<string, Written & { materialId: string }>) {
          const isEarlier = row.campaign === before.campaign && row.round < before.round;
          if (isEarlier && decided.has(JSON.stringify(roundOf(row))) && !selected.has(keyOf(row)))
            results.predictions.delete(key);
        }
      }),
    // biome-ignore lint/correctness/useYield: it always fails.
    async *query() {
      throw new AppError('query_failed', 'the simulated result store answers no queries: look at its rows');
    },
    clear: () =>
      calls.call('clear', fault, () => {
        for (const table of TABLES) results[table].clear();
      }),
    close: async () => calls.close(),
  };
}

function storedRounds({ partitions }: StoredResults, campaign: string): StoredRound[] {
  const rounds = new Map<string, { round: number; snapshotHash: string; partitions: number[] }>();
  for (const row of partitions.values() as Iterable<Written & { partition: number; snapshotHash: string }>) {
    if (row.campaign !== campaign) continue;
    const { round, snapshotHash } = row;
    const known = rounds.get(`${round} ${snapshotHash}`) ?? { round, snapshotHash, partitions: [] };
    rounds.set(`${round} ${snapshotHash}`, known);
    known.partitions.push(row.partition);
  }
  for (const round of rounds.values()) round.partitions.sort((a, b) => a - b);
  return [...rounds.values()].sort((a, b) => a.round - b.round);
}
