import { open } from 'lmdb';
import { describe } from 'vitest';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import { modelKey } from '../../../src/adapters/lmdb/keys.ts';
import { openModelStore } from '../../../src/adapters/lmdb/model-store.ts';
import { modelStoreContract } from '../../contract/model-store.contract.ts';

describe('model store on LMDB', () => {
  modelStoreContract(async () => {
    const { path, remove } = scratchDirectory();
    return {
      open: async () => openModelStore({ directory: path }),
      async damage(_, name) {
        const store = open<Buffer, Uint8Array>({
          path,
          keyEncoding: 'binary',
          encoding: 'binary',
          overlappingSync: false,
        });
        const bytes = store.get(modelKey(name))!;
        bytes[3]! ^= 1;
        store.putSync(modelKey(name), bytes);
        await store.close();
      },
      remove,
    };
  });
});
