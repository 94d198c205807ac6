import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { missingForClickHouse, startClickHouseServer } from '../../../deploy/local/clickhouse/clickhouse-server.ts';
import { readingProfile } from '../../../deploy/local/clickhouse/server-users.ts';
import { freePorts } from '../../../deploy/local/free-ports.ts';
import { createStoredBytes } from '../../../services/gateway/stored-bytes.ts';
import { READING_LIMITS, READING_USER } from '../../../src/adapters/chdb/engine-users.ts';
import { connectClickHouse } from '../../../src/adapters/clickhouse/connect.ts';
import { createResultReader } from '../../../src/adapters/clickhouse/result-reader.ts';
import { openResultStore } from '../../../src/adapters/clickhouse/result-store.ts';
import { systemClock } from '../../../src/adapters/in-process/system-clock.ts';
import { openEmbeddedResultStore } from '../../../src/cli/embedded-result-store.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type { QueryOptions, ResultReader, ResultStore } from '../../../src/ports/result-store.ts';
import { predictions } from '../../contract/result-store.contract.ts';
import { chdbWorkerScript, MISSING_CHDB } from '../../support/chdb.ts';
import { sqlAttacks } from '../../support/clickhouse/sql-attacks.ts';
import { describeUnless } from '../../support/needs.ts';

const SECRET = 'a-secret-that-no-query-may-tell';
const WRITER = { username: 'elastream', password: 'a-password-for-writing' };
const READER_PASSWORD = 'a-password-for-reading';
/** The limit that a query runs into instead of the one that people get. */
const SECONDS_MAX = 2;
const ROWS = 30;

interface Place {
  /** As people ask. */
  readonly reader: Pick<ResultReader, 'query'>;
  readonly store: ResultStore;
  readonly limits: Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

describeUnless(MISSING_CHDB, 'the embedded engine', () => {
  attacked(async (directory) => {
    const store = await openEmbeddedResultStore(directory, { workerScript: chdbWorkerScript() });
    const query = (sql: string, options?: QueryOptions) => store.query(sql, { ...options, secondsMax: SECONDS_MAX });
    return { reader: { query }, store, limits: READING_LIMITS, close: () => store.close() };
  });
});

describeUnless(missingForClickHouse(), "the gateway's Query of a ClickHouse server", () => {
  attacked(async (directory) => {
    const [port] = await freePorts(1);
    const users = { writer: WRITER, readerPassword: READER_PASSWORD, readingSecondsMax: SECONDS_MAX };
    const server = startClickHouseServer({ port: port!, directory, logFile: join(directory, 'log'), users });
    await server.ready();
    const url = `http://127.0.0.1:${port}`;
    const reading = connectClickHouse({ url, username: READING_USER, password: READER_PASSWORD });
    const results = createResultReader(reading);
    const { Query } = createStoredBytes({ clock: systemClock, models: { get: async () => undefined }, results });
    const writing = connectClickHouse({ url, ...WRITER });
    return {
      reader: {
        async *query(sql, { format = '' } = {}) {
          for await (const { piece } of Query({ sql, format })) yield piece;
        },
      },
      store: await openResultStore(writing, { reader: reading }),
      limits: readingProfile(users),
      async close() {
        await Promise.all([results.close(), writing.close()]);
        await server.stop();
      },
    };
  });
});

/** Each attack by itself, and at the end that nothing was told, written, called or brought down. */
function attacked(open: (directory: string) => Promise<Place>): void {
  const folder = mkdtempSync(join(tmpdir(), 'elastream-attacks-'));
  const [secretFile, outDirectory] = [join(folder, 'secret.txt'), join(folder, 'out')];
  let place: Place;
  let calls = 0;
  const canary = createServer((socket) => {
    calls++;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  const targets = async () => {
    if (!canary.listening) await once(canary, 'listening');
    const address = `127.0.0.1:${(canary.address() as { port: number }).port}`;
    return { secretFile, outDirectory, address, url: `http://${address}` };
  };
  beforeAll(async () => {
    mkdirSync(outDirectory);
    writeFileSync(secretFile, `${SECRET}\n`);
    place = await open(join(folder, 'tables'));
    const batch = { campaign: 'c', round: 1, epoch: 1, snapshotHash: 'h1:00', partitions: [0, 1, 2] };
    await place.store.storePredictions(batch, predictions(ROWS));
  });
  afterAll(async () => {
    await place?.close();
    canary.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const names = { secretFile: 'SECRET', outDirectory: 'OUT', address: 'ADDRESS', url: 'http://ADDRESS' };
  const table = sqlAttacks(names).map(([outcome, sql, format], n) => [outcome, shown(sql), format ?? '', n] as const);
  it.each(table)('%s: %s %s', async (outcome, _sql, _format, n) => {
    const [, sql, format] = sqlAttacks(await targets())[n]!;
    const begun = performance.now();
    const answer = await answerOf(place.reader, sql, format);
    if (outcome === 'refused')
      expect(answer.error).toMatchObject({ code: expect.stringMatching(/^(query_failed|invalid_argument)$/) });
    if (answer.error) expect(answer.error).toBeInstanceOf(AppError);
    expect(answer.text).not.toContain(SECRET);
    expect(String(answer.error?.message)).not.toContain(SECRET);
    for (const password of [WRITER.password, READER_PASSWORD]) expect(answer.text).not.toContain(password);
    // Far beyond the limit of a query, and far below what the attack would take.
    expect(performance.now() - begun).toBeLessThan(60_000);
  });

  it('nothing was told, written, called or brought down', async () => {
    expect(calls).toBe(0);
    expect(readdirSync(outDirectory)).toEqual([]);
    expect(existsSync('mine')).toBe(false);
    const kept =
      'SELECT count(), (SELECT count() FROM rejections), (SELECT groupArray(name) FROM system.tables) FROM predictions';
    const { text } = await answerOf(place.reader, kept, 'CSV');
    expect(text).toMatch(new RegExp(`^${ROWS},0,`));
    expect(text).not.toContain('mine');
  });

  it('the limits are those that are promised', async () => {
    const names = Object.keys(place.limits);
    const { text } = await answerOf(
      place.reader,
      `SELECT ${names.map((name) => `toString(getSetting('${name}')) AS ${name}`)}`,
      'JSONEachRow',
    );
    const promised = names.map((name) => [name, String(place.limits[name])]);
    expect(JSON.parse(text.replaceAll('"true"', '"1"').replaceAll('"false"', '"0"'))).toEqual(
      Object.fromEntries(promised),
    );
  });

  it('goes on answering what people ask', async () => {
    for (const sql of [
      'SELECT round, labels, added FROM rounds ORDER BY round',
      'SELECT * FROM predictions ORDER BY stdev DESC',
      'SELECT count() AS n, max(mean) AS highest FROM predictions',
      'DESCRIBE predictions',
      'SHOW TABLES',
      'SHOW CREATE TABLE predictions',
      'EXPLAIN SELECT * FROM predictions',
      'EXISTS TABLE predictions',
      '(SELECT 1) UNION ALL (SELECT 2);',
      "WITH 'it''s -- /* no comment */ INTO OUTFILE; file(1)' AS quoted SELECT quoted, mean FROM predictions -- a comment",
      'FROM predictions SELECT mean LIMIT 1',
      'SELECT a.material_id FROM predictions AS a JOIN selections AS b USING material_id FORMAT JSONEachRow',
      'SELECT quantiles(0.1, 0.9)(stdev) FROM predictions GROUP BY target WITH TOTALS',
      'SELECT name FROM system.columns WHERE table = $$predictions$$',
    ]) {
      expect(await answerOf(place.reader, sql), sql).toMatchObject({ error: undefined });
    }
  });
}

/** Beyond what any engine writes before the limit of a query ends it. */
const TEXT_BYTES_MAX = 8 * 2 ** 30;

async function answerOf(
  { query }: Pick<ResultReader, 'query'>,
  sql: string,
  format?: string,
): Promise<{ readonly text: string; readonly error: AppError | undefined }> {
  let bytes = 0;
  let text = '';
  try {
    for await (const part of query(sql, { ...(format && { format }) })) {
      bytes += part.length;
      if (bytes > TEXT_BYTES_MAX) throw new Error('the answer has no bound');
      if (text.length < 2 ** 20) text += Buffer.from(part).toString('latin1');
    }
    return { text, error: undefined };
  } catch (error) {
    return { text, error: error as AppError };
  }
}

function shown(sql: string): string {
  const line = JSON.stringify(sql).slice(1, -1);
  return line.length > 150 ? `${line.slice(0, 60)} ... (${sql.length} characters)` : line;
}
