import { describe } from 'vitest';
import { openEventLog } from '../../../src/adapters/lmdb/event-log.ts';
import { eventLogContract } from '../../contract/event-log.contract.ts';
import { scratchDirectory } from '../../support/scratch.ts';

describe('event log on LMDB', () => {
  eventLogContract(async () => {
    const { path, remove } = scratchDirectory();
    return { open: async () => openEventLog({ directory: path }), remove };
  });
});
