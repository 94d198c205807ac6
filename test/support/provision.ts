import { provideLightGbmLibrary } from '../../src/adapters/lightgbm/provide-library.ts';

/** Fetches what tests use and no package brings; without it the tests that need it are skipped by name. */
export async function setup(): Promise<void> {
  await provideLightGbmLibrary().catch((error: Error) => process.stderr.write(`not provided: ${error.message}\n`));
}
