import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { connectClickHouse } from '../../src/adapters/clickhouse/connect.ts';
import { findSocket } from '../../src/adapters/unix-socket/socket-path.ts';
import { cliMain } from './cli.ts';

/** chdb is an optional peer dependency: if it is not installed, its tests are skipped. */
export const MISSING_CHDB = isMissing() ? 'the optional package chdb is not there: npm install chdb' : undefined;

/** The built program of the engine's child process, because Node 20 runs no TypeScript. */
export function chdbWorkerScript(): URL {
  return new URL('../adapters/chdb/chdb-worker.js', pathToFileURL(cliMain()));
}

function isMissing(): boolean {
  try {
    createRequire(import.meta.url).resolve('chdb');
    return false;
  } catch {
    return true;
  }
}

/** Runs a statement on the engine that a process has opened on these tables, bypassing all guards. */
export async function chdbCommand(directory: string, query: string): Promise<void> {
  const socketPath = await findSocket(directory);
  if (socketPath === undefined) throw new Error(`no engine has ${directory} open`);
  const client = connectClickHouse({ socketPath });
  await client.command({ query }).finally(() => client.close());
}
