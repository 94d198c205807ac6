import { describe } from 'vitest';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import { openEventLog } from '../../../src/adapters/lmdb/event-log.ts';
import { eventLogContract } from '../../contract/event-log.contract.ts';

describe('event log on LMDB', () => {
  eventLogContract(async () => {
    const { path, remove } = scratchDirectory();
    return { open: async () => openEventLog({ directory: path }), remove };
  });
});
