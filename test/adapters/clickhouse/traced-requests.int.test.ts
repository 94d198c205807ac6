import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { missingForClickHouse, startClickHouseServer } from '../../../deploy/local/clickhouse/clickhouse-server.ts';
import { freePorts } from '../../../deploy/local/free-ports.ts';
import { READING_USER } from '../../../src/adapters/chdb/engine-users.ts';
import { connectClickHouse } from '../../../src/adapters/clickhouse/connect.ts';
import { createResultReader } from '../../../src/adapters/clickhouse/result-reader.ts';
import { openResultStore } from '../../../src/adapters/clickhouse/result-store.ts';
import { describeUnless } from '../../support/needs.ts';
import { recordedTelemetry } from '../../support/recorded-telemetry.ts';

const WRITER = { username: 'elastream', password: 'w' };

describeUnless(missingForClickHouse(), 'requests to a ClickHouse server that are traced', () => {
  it('are answered as others are, for writers and for readers, and are spans', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'elastream-traced-'));
    const [port] = await freePorts(1);
    const users = { writer: WRITER, readerPassword: 'r' };
    const server = startClickHouseServer({ port: port!, directory, logFile: join(directory, 'log'), users });
    const { telemetry, spans } = recordedTelemetry({ spans: true });
    const url = `http://127.0.0.1:${port}`;
    try {
      await server.ready();
      const writing = connectClickHouse({ url, ...WRITER, trace: telemetry });
      const store = await openResultStore(writing);
      await store.storeRejections([]);
      await writing.insert({ table: 'rejections', values: [], format: 'JSONEachRow' });
      const reader = createResultReader(
        connectClickHouse({ url, username: READING_USER, password: () => 'r', trace: telemetry }),
      );
      const answer: Uint8Array[] = [];
      const asked = telemetry.inSpan({ name: 'ask' }, async () => {
        for await (const piece of reader.query('SELECT 1 AS a', { format: 'CSVWithNames' })) answer.push(piece);
        for await (const _ of reader.query('SELECT nothing', { format: 'CSV' }));
      });
      await expect(asked).rejects.toMatchObject({ code: 'query_failed' });
      expect(Buffer.concat(answer).toString()).toBe('"a"\n1\n');
      await Promise.all([reader.close(), writing.close()]);
    } finally {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    }
    const names = new Set(spans.map(({ name }) => name));
    for (const name of ['command', 'insert', 'query', 'exec']) expect([...names]).toContain(`clickhouse ${name}`);
    const ask = spans.at(-1)!;
    const asked = spans.filter(({ parentSpanId }) => parentSpanId === ask.spanId);
    expect(asked.at(-1)).toMatchObject({ kind: 'client', error: expect.stringContaining('nothing') });
  }, 120_000);
});
