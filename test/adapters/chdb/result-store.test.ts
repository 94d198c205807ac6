import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { openEmbeddedResultStore } from '../../../src/cli/embedded-result-store.ts';
import { resultStoreContract } from '../../contract/result-store.contract.ts';
import { CHDB_IS_MISSING, chdbCommand, chdbWorkerScript } from '../../support/chdb.ts';

describe.skipIf(CHDB_IS_MISSING)('with the optional package chdb', () => {
  const folder = mkdtempSync(join(tmpdir(), 'elastream-chdb-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const open = () => openEmbeddedResultStore(folder, { workerScript: chdbWorkerScript() });
  resultStoreContract('chdb', open, (sql) => chdbCommand(folder, sql));
});
