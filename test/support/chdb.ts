import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { cliMain } from './cli.ts';

/** chdb is an optional dependency: `npm ci --omit=optional` leaves it out, and the tests of it are skipped. */
export const CHDB_IS_MISSING = isMissing();

/** The built program of the engine's child process: Node 20 runs no TypeScript. */
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
