import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AppError } from '../../src/model/app-error.ts';
import { parseMaterialId } from '../../src/model/material-id.ts';
import type {
  MemberResult,
  Prediction,
  PredictionBatch,
  ResultStore,
  RoundResult,
  StoredPosition,
} from '../../src/ports/result-store.ts';

const ROUND = { campaign: 'elastic', round: 1 };
const BATCH: PredictionBatch = { ...ROUND, epoch: 1, snapshotHash: 'h1:00', partitions: [0, 1, 2] };

/** Runs a statement on the engine itself, as a user with all rights can. */
type Command = (sql: string) => Promise<void>;

/**
 * The contract of every ResultStore, embedded or on a server. `open` opens one with its own empty tables.
 * @param showsProcesses whether a query may list the running queries
 */
const bounded = (value: number) => ({ value, low: value - 1, high: value + 1 });

export function resultStoreContract(
  name: string,
  open: () => Promise<ResultStore>,
  command: Command,
  { showsProcesses = true } = {},
): void {
  describe(`${name} as a ResultStore`, () => {
    let store: ResultStore;
    beforeAll(async () => {
      store = await open();
    });
    beforeEach(() => store.clear());
    afterAll(() => store?.close());

    it('gives back every number to the last bit, and what is not known as null', async () => {
      const memberValues = Float64Array.of(0.1 + 0.2, 5e-324, 1.7976931348623157e308, -0.1, 1 / 3);
      const id = parseMaterialId(`a'b\\c"é Ω`);
      const base = { partition: 0, target: 'g_vrh', stdev: 1e-17 };
      await store.storePredictions(BATCH, [
        { ...base, materialId: id, mean: 2 / 3, memberValues, calculated: 77.1 },
        { ...base, materialId: parseMaterialId('none'), mean: 1 },
      ]);
      const rows = await select(store, 'SELECT * FROM predictions ORDER BY mean');
      expect(rows).toEqual([
        expect.objectContaining({
          campaign: 'elastic',
          round: 1,
          partition: 0,
          material_id: id,
          target: 'g_vrh',
          mean: 2 / 3,
          stdev: 1e-17,
          member_values: [...memberValues],
          calculated: 77.1,
        }),
        expect.objectContaining({ material_id: 'none', member_values: [], calculated: null }),
      ]);
    });

    it('counts the same rows once, however often and in whatever order they are stored', async () => {
      const rows = predictions(500);
      await store.storePredictions(BATCH, rows);
      await store.storePredictions(BATCH, [...rows].reverse());
      await Promise.all([1, 2, 3].map(() => store.storePredictions(BATCH, rows)));
      expect(await count(store, 'predictions')).toBe(500);
      expect(await select(store, 'SELECT predictions FROM prediction_summaries')).toEqual([{ predictions: 500 }]);
    });

    it('lets the higher epoch win, also when it was stored first', async () => {
      const [row] = predictions(1) as [Prediction];
      await store.storePredictions({ ...BATCH, epoch: 3 }, [{ ...row, mean: 3 }]);
      await store.storePredictions({ ...BATCH, epoch: 2 }, [{ ...row, mean: 2 }]);
      expect(await select(store, 'SELECT mean FROM predictions')).toEqual([{ mean: 3 }]);
      await store.storePredictions({ ...BATCH, epoch: 4 }, [{ ...row, mean: 4 }]);
      expect(await select(store, 'SELECT mean FROM predictions')).toEqual([{ mean: 4 }]);
    });

    it('notes stored partitions per campaign and round, empty ones too', async () => {
      await store.storePredictions({ ...BATCH, partitions: [5, 1] }, predictions(4));
      await store.storePredictions({ ...BATCH, round: 2, partitions: [7] }, []);
      expect(await store.storedPredictions(ROUND.campaign)).toEqual([
        { round: 1, snapshotHash: BATCH.snapshotHash, partitions: [1, 5] },
        { round: 2, snapshotHash: BATCH.snapshotHash, partitions: [7] },
      ]);
      expect(await store.storedPredictions("an'other")).toEqual([]);
    });

    it('does not note a partition whose rows fail', async () => {
      const failing = async function* () {
        yield* predictions(3);
        throw new Error('the source failed');
      };
      await expect(store.storePredictions(BATCH, failing())).rejects.toThrow('the source failed');
      const bad = store.storePredictions(BATCH, [{ ...predictions(1)[0]!, mean: Number.NaN }]);
      await expect(bad).rejects.toMatchObject({ code: 'invalid_argument', message: expect.stringContaining('mp-0') });
      expect(await store.storedPredictions(ROUND.campaign)).toEqual([]);
    });

    it('keeps members, rounds, selections and rejections', async () => {
      const heldOut = { count: 20, mae: 9.5, rmse: 14, r2: Number.NaN };
      const member: MemberResult = {
        ...ROUND,
        epoch: 1,
        member: 3,
        target: 'k_vrh',
        modelHash: 'h1:aa',
        heldOut,
        seconds: 1.5,
        engineFingerprint: 'x64',
      };
      const round: RoundResult = {
        ...ROUND,
        epoch: 1,
        labels: 100,
        added: 5,
        seconds: 2,
        snapshotHash: 'h1:bb',
        metrics: [
          { target: 'k_vrh', subset: 'candidates', count: 9, mae: 1, rmse: 2, r2: 0.9, maeStdev: 0.1 },
          { target: 'k_vrh', subset: 'test', count: 8, mae: 3, rmse: 4, r2: 0.8, maeStdev: Number.NaN },
        ],
        calibrations: [
          { target: 'k_vrh', group: 'all', count: 12, scale: bounded(3), quantiles: { '68': 2, '90': 5, '95': null } },
        ],
        uncertainty: [
          {
            ...{ target: 'k_vrh', subset: 'test', group: 'all', level: 0.95, count: 8, rankCorrelation: null },
            ...{ raw: { ...bounded(0.5), width: 7 }, scaled: null, conformal: { ...bounded(1), width: null } },
            ...{ meanSquaredZ: bounded(9), scaledMeanSquaredZ: { value: null, low: null, high: null } },
          },
        ],
      };
      const materialId = parseMaterialId('mp-1');
      for (let times = 0; times < 2; times++) {
        await store.storeMembers([member]);
        await store.storeRounds([round]);
        await store.storeSelections([{ ...ROUND, epoch: 1, rank: 1, materialId, score: 7, why: 'exploration' }]);
        await store.storeRejections([
          { id: 'r1', source: 'a.jsonl', locator: 'line 3', code: 'bad_number', message: 'k_vrh is -1', materialId },
          { id: 'r2', source: 'b.cif', code: 'unreadable', message: 'no such file' },
        ]);
      }
      expect(await select(store, 'SELECT member, mae, r2, engine_fingerprint FROM members')).toEqual([
        { member: 3, mae: 9.5, r2: null, engine_fingerprint: 'x64' },
      ]);
      expect(await select(store, 'SELECT labels, added, snapshot_hash FROM rounds')).toEqual([
        { labels: 100, added: 5, snapshot_hash: 'h1:bb' },
      ]);
      expect(await select(store, 'SELECT subset, mae, mae_stdev FROM round_metrics ORDER BY subset')).toEqual([
        { subset: 'candidates', mae: 1, mae_stdev: 0.1 },
        { subset: 'test', mae: 3, mae_stdev: null },
      ]);
      expect(await select(store, 'SELECT scale, scale_high, quantile_68, quantile_95 FROM calibrations')).toEqual([
        { scale: 3, scale_high: 4, quantile_68: 2, quantile_95: null },
      ]);
      const figures =
        'level, raw_coverage, raw_coverage_low, raw_width, scaled_coverage, conformal_width, mean_squared_z';
      expect(await select(store, `SELECT ${figures}, rank_correlation FROM uncertainty`)).toEqual([
        {
          ...{ level: 0.95, raw_coverage: 0.5, raw_coverage_low: -0.5, raw_width: 7, scaled_coverage: null },
          ...{ conformal_width: null, mean_squared_z: 9, rank_correlation: null },
        },
      ]);
      expect(await select(store, 'SELECT rank, material_id, why FROM selections')).toEqual([
        { rank: 1, material_id: 'mp-1', why: 'exploration' },
      ]);
      expect(await select(store, 'SELECT id, locator, material_id FROM rejections ORDER BY id')).toEqual([
        { id: 'r1', locator: 'line 3', material_id: 'mp-1' },
        { id: 'r2', locator: null, material_id: null },
      ]);
    });

    it('thins out earlier rounds to what was selected, and keeps their summaries', async () => {
      for (const round of [1, 2]) await store.storePredictions({ ...BATCH, round }, predictions(10));
      await store.storePredictions({ ...BATCH, campaign: 'other' }, predictions(2));
      const materialId = parseMaterialId('mp-4');
      await store.storeSelections([{ ...ROUND, epoch: 1, rank: 1, materialId, score: 7, why: 'random' }]);
      await store.thinPredictionsBefore({ ...ROUND, round: 2 });
      await store.thinPredictionsBefore({ ...ROUND, round: 2 });
      const sql =
        'SELECT campaign, round, count() AS n FROM predictions GROUP BY campaign, round ORDER BY campaign, round';
      expect(await select(store, sql)).toEqual([
        { campaign: 'elastic', round: 1, n: 1 },
        { campaign: 'elastic', round: 2, n: 10 },
        { campaign: 'other', round: 1, n: 2 },
      ]);
      const summary =
        "SELECT predictions, mean, stdev_max FROM prediction_summaries WHERE campaign = 'elastic' AND round = 1";
      expect(await select(store, summary)).toEqual([{ predictions: 10, mean: 4.5, stdev_max: 1.9 }]);
    });

    it('keeps a round whole until its selection is stored', async () => {
      for (const round of [1, 2, 3]) await store.storePredictions({ ...BATCH, round }, predictions(10));
      const materialId = parseMaterialId('mp-4');
      await store.storeSelections([{ ...ROUND, round: 2, epoch: 1, rank: 1, materialId, score: 7, why: 'random' }]);
      await store.thinPredictionsBefore({ ...ROUND, round: 3 });
      const sql = 'SELECT round, count() AS n FROM predictions GROUP BY round ORDER BY round';
      expect(await select(store, sql)).toEqual([
        { round: 1, n: 10 },
        { round: 2, n: 1 },
        { round: 3, n: 10 },
      ]);
    });

    const POSITIONS = [
      { topic: 'members', partition: 3, next: 2 ** 40, lastOffset: 2 ** 40 - 1, lastId: "an'id" },
      { topic: 'rejections', partition: 0, next: 7, lastOffset: 5, lastId: 'é' },
    ];

    it('gives back the last position of each partition, and none after a clear', async () => {
      await store.notePositions([
        { ...POSITIONS[0]!, next: 8, after: null },
        { ...POSITIONS[1]!, after: null },
      ]);
      await store.notePositions([{ ...POSITIONS[0]!, after: 8 }]);
      // It continues a note that does not exist: rows in between were lost.
      await store.notePositions([{ ...POSITIONS[1]!, next: 99, after: 50 }]);
      const noted = [...(await store.positions())].sort((a, b) => a.partition - b.partition);
      expect(noted).toEqual(POSITIONS.toReversed());
      await store.clear();
      expect(await store.positions()).toEqual([]);
    });

    it('tells a note of nothing stored from no note', async () => {
      const [first, second] = POSITIONS as [StoredPosition, StoredPosition];
      await store.notePositions([{ ...first, after: 0 }]);
      expect(await store.positions()).toEqual([]);
      const opening = { ...first, next: 0, lastOffset: 0, lastId: '' };
      await store.notePositions([{ ...opening, after: null }]);
      expect(await store.positions()).toEqual([opening]);
      await store.notePositions([
        { ...first, after: null },
        { ...second, after: 0 },
      ]);
      expect(await store.positions()).toEqual([opening]);
      await store.notePositions([{ ...first, after: 0 }]);
      expect(await store.positions()).toEqual([first]);
    });

    describe('where somebody has dropped tables', () => {
      const REJECTION = { id: 'r1', source: 'a.jsonl', code: 'bad_number', message: 'k_vrh is -1' } as const;
      beforeEach(async () => {
        await store.storeRejections([REJECTION]);
        await store.notePositions(POSITIONS.map((position) => ({ ...position, after: null })));
        await store.storePredictions(BATCH, predictions(3));
      });

      it.each([
        ['one that the projection fills', ['TABLE stored_rejections'], { positions: 0, rounds: 1 }],
        ['one of predictions', ['TABLE stored_predictions'], { positions: 2, rounds: 0 }],
        ['the notes of the projection', ['TABLE stored_positions'], { positions: 0, rounds: 1 }],
        ['the notes of predictions', ['TABLE stored_prediction_partitions'], { positions: 2, rounds: 0 }],
        ['views alone', ['VIEW predictions', 'VIEW rejections'], { positions: 2, rounds: 1 }],
        ['the versions alone', ['TABLE schema_versions'], { positions: 2, rounds: 1 }],
      ] as const)('%s, lays them out again with nothing noted of them', async (_, dropped, expected) => {
        for (const what of dropped) await command(`DROP ${what}`);
        const [positions, rounds] = [await store.positions(), await store.storedPredictions(ROUND.campaign)];
        expect({ positions: positions.length, rounds: rounds.length }).toEqual(expected);
        await store.storeRejections([REJECTION]);
        await store.storePredictions(BATCH, predictions(3));
        expect([await count(store, 'rejections'), await count(store, 'predictions')]).toEqual([1, 3]);
      });

      it('says so when it is to store, and that looking for notes mends it', async () => {
        await command('DROP TABLE stored_rejections');
        const lost = { code: 'storage_lost', retryable: true };
        await expect(store.storeRejections([REJECTION])).rejects.toMatchObject(lost);
        await store.positions();
        await store.storeRejections([REJECTION]);
        expect(await count(store, 'rejections')).toBe(1);
      });
    });

    it('stores again what was cleared', async () => {
      await store.storePredictions(BATCH, predictions(10));
      await store.clear();
      expect(await count(store, 'predictions')).toBe(0);
      await store.storePredictions(BATCH, predictions(10));
      expect(await count(store, 'predictions')).toBe(10);
    });

    it('pulls rows no faster than it stores them', async () => {
      let pulled = 0;
      const endless = (function* () {
        for (const row of predictions(200_000)) {
          pulled++;
          yield row;
        }
      })();
      const storing = store.storePredictions(BATCH, endless);
      await new Promise((resolve) => setImmediate(resolve));
      expect(pulled).toBeLessThan(100_000);
      await storing;
      expect(await count(store, 'predictions')).toBe(200_000);
    });

    it('serves many writers and readers at once', async () => {
      const writers = Array.from({ length: 8 }, (_, i) =>
        store.storePredictions({ ...BATCH, campaign: `c${i}` }, predictions(1000)),
      );
      const readers = Array.from({ length: 8 }, () => count(store, 'rounds'));
      await Promise.all([...writers, ...readers]);
      expect(await count(store, 'predictions')).toBe(8000);
    });

    it('says what is wrong with a query, in the words of the engine', async () => {
      const failure = await text(store, 'SELECT mean FROM predictoins').catch((error: AppError) => error);
      expect(failure).toMatchObject({ name: 'AppError', code: 'query_failed', retryable: false });
      expect((failure as AppError).message).toMatch(/predictoins.*UNKNOWN_TABLE/s);
      await expect(text(store, 'SELEC 1')).rejects.toThrow(/Syntax error/);
      await expect(text(store, '')).rejects.toMatchObject({ code: 'query_failed' });
      await expect(text(store, 'SELECT 1', 'No/Format')).rejects.toMatchObject({ code: 'invalid_argument' });
    });

    it('says so when a query fails after a part of its result', async () => {
      const late = text(store, 'SELECT throwIf(number = 900000) FROM numbers(1000000)', 'CSV');
      await expect(late).rejects.toMatchObject({ code: 'query_failed', message: expect.stringContaining('throwIf') });
    });

    it.each([
      'DROP TABLE stored_predictions',
      "INSERT INTO stored_rejections (id) VALUES ('x')",
      'TRUNCATE TABLE stored_predictions',
      'DELETE FROM stored_predictions WHERE 1',
      'CREATE TABLE mine (a UInt8) ENGINE = MergeTree ORDER BY a',
      'SET readonly = 0',
      'SELECT 1 SETTINGS readonly = 0',
      "SELECT 1 INTO OUTFILE 'a-file-that-must-not-be'",
      'SELECT 1; DROP TABLE stored_predictions',
    ])('refuses to change anything for a query: %s', async (sql) => {
      await store.storePredictions(BATCH, predictions(3));
      await expect(text(store, sql)).rejects.toMatchObject({ code: 'query_failed' });
      expect(await count(store, 'predictions')).toBe(3);
    });

    it('writes every format as one document, larger than any buffer', async () => {
      await store.storePredictions(BATCH, predictions(150_000));
      const sql = 'SELECT material_id, mean FROM predictions ORDER BY mean';
      const csv = await text(store, sql, 'CSVWithNames');
      expect(csv.split('\n').length).toBe(150_002);
      expect(csv.match(/material_id/g)?.length).toBe(1);
      const lines = (await text(store, sql, 'JSONEachRow')).trimEnd().split('\n');
      expect(JSON.parse(lines.at(-1)!)).toEqual({ material_id: 'mp-149999', mean: 149_999 });
      const parquet = await bytes(store, sql, 'Parquet');
      expect(parquet.subarray(0, 4).toString()).toBe('PAR1');
      expect(parquet.toString('latin1').split('PAR1').length).toBe(3);
      expect(await text(store, `${sql} LIMIT 1 FORMAT JSONEachRow`)).toBe('{"material_id":"mp-0","mean":0}\n');
      expect(await text(store, 'SHOW TABLES', 'CSV')).toContain('"predictions"');
      expect(await text(store, 'SELECT 1 AS one')).toContain('┌─one─┐');
    });

    it('ends a query that nobody waits for any more', async () => {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 300);
      const endless = 'SELECT count() FROM numbers(1000000000000)';
      await expect(text(store, endless, 'CSV', stop.signal)).rejects.toMatchObject({ code: 'interrupted' });
      const running = `system.processes WHERE query LIKE '%${'1000000'}000000)%' AND query NOT LIKE '%system%'`;
      if (showsProcesses) await expect.poll(() => count(store, running), { timeout: 60_000 }).toBe(0);
      const rows = store.query('SELECT number FROM numbers(1000000000000)', { format: 'CSV' });
      for await (const part of rows) {
        expect(part.length).toBeGreaterThan(0);
        break;
      }
      await expect(text(store, endless, 'CSV', undefined, 1)).rejects.toMatchObject({ code: 'query_failed' });
    });
  });
}

export function predictions(n: number): Prediction[] {
  return Array.from({ length: n }, (_, i) => ({
    partition: i % 3,
    materialId: parseMaterialId(`mp-${i}`),
    target: 'g_vrh',
    mean: i,
    stdev: 1 + (i % 10) / 10,
  }));
}

export async function select(store: ResultStore, sql: string): Promise<Record<string, unknown>[]> {
  const lines = await text(store, sql, 'JSONEachRow');
  return lines
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

export async function count(store: ResultStore, table: string): Promise<number> {
  return Number(await text(store, `SELECT count() FROM ${table}`, 'TSV'));
}

async function text(store: ResultStore, sql: string, format?: string, signal?: AbortSignal, secondsMax?: number) {
  return (await bytes(store, sql, format, signal, secondsMax)).toString('utf8');
}

async function bytes(store: ResultStore, sql: string, format?: string, signal?: AbortSignal, secondsMax?: number) {
  const options = { ...(format && { format }), ...(signal && { signal }), ...(secondsMax && { secondsMax }) };
  const parts: Uint8Array[] = [];
  for await (const part of store.query(sql, options)) parts.push(part);
  return Buffer.concat(parts);
}
