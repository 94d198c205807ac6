import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChdbServer } from '../../adapters/chdb/chdb-server.ts';
import { connectClickHouse } from '../../adapters/clickhouse/connect.ts';
import { AppError } from '../../model/app-error.ts';
import type { Finding } from './finding.ts';

const LEFT_OUT = 'SQL tables (elastream sql) are unavailable, everything else works';

/** Whether the optional engine of the SQL tables is there and answers. */
export async function checkChdb(): Promise<Finding> {
  try {
    createRequire(import.meta.url).resolve('chdb');
  } catch {
    return {
      part: 'chdb',
      state: 'warning',
      message: `not installed: ${LEFT_OUT}; npm install chdb@3.4, with -g where elastream is`,
    };
  }
  const folder = await mkdtemp(join(tmpdir(), 'elastream-doctor-'));
  try {
    return { part: 'chdb', state: 'ok', message: `ClickHouse engine ${await engineVersion(folder)}` };
  } catch (error) {
    const reason =
      error instanceof AppError ? error.message : `the engine does not answer: ${(error as Error).message}`;
    return { part: 'chdb', state: 'warning', message: `${reason}; ${LEFT_OUT}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function engineVersion(folder: string): Promise<string> {
  const server = await startChdbServer(folder);
  try {
    const client = connectClickHouse(server);
    const result = await client.query({ query: 'SELECT version() AS version', format: 'JSONEachRow' });
    const [row] = await result.json<{ version: string }>();
    await client.close();
    return row!.version;
  } finally {
    await server.close();
  }
}
