import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { missingForClickHouse, startClickHouseServer } from '../../../deploy/local/clickhouse/clickhouse-server.ts';
import { freePorts } from '../../../deploy/local/free-ports.ts';
import type { SupervisedProcess } from '../../../deploy/local/supervised-process.ts';
import { READING_USER } from '../../../src/adapters/chdb/engine-users.ts';
import { connectClickHouse } from '../../../src/adapters/clickhouse/connect.ts';
import { openResultStore } from '../../../src/adapters/clickhouse/result-store.ts';
import { openEmbeddedResultStore } from '../../../src/cli/embedded-result-store.ts';
import { resultStoreContract } from '../../contract/result-store.contract.ts';
import { chdbCommand, chdbWorkerScript, MISSING_CHDB } from '../../support/chdb.ts';
import { describeUnless } from '../../support/needs.ts';

describeUnless(missingForClickHouse(), "with ClickHouse's own server", () => {
  const folder = mkdtempSync(join(tmpdir(), 'elastream-clickhouse-'));
  let server: SupervisedProcess | undefined;
  let url = '';
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const open = async () => {
    const [port] = await freePorts(1);
    server = startClickHouseServer({ port: port!, directory: folder, logFile: join(folder, 'log') });
    await server.ready();
    url = `http://127.0.0.1:${port}`;
    return openResultStore(connectClickHouse({ url }), { reader: connectClickHouse({ url, username: READING_USER }) });
  };
  const command = async (query: string) => {
    const client = connectClickHouse({ url });
    await client.command({ query }).finally(() => client.close());
  };
  resultStoreContract('a server', open, command, { showsProcesses: false });
});

describeUnless(MISSING_CHDB, 'with the optional package chdb', () => {
  const folder = mkdtempSync(join(tmpdir(), 'elastream-chdb-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const open = () => openEmbeddedResultStore(folder, { workerScript: chdbWorkerScript() });
  resultStoreContract('chdb', open, (sql) => chdbCommand(folder, sql));
});
