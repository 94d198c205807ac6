import { createHash } from 'node:crypto';
import { AppError } from '../../model/app-error.ts';
import type { ModelName, ModelStore } from '../../ports/model-store.ts';
import { openEnvironment } from './environment.ts';
import { MODEL_KEYS, modelKey, modelNameOf } from './keys.ts';

const KIND = 'model store';
const FORMAT_VERSION = 1;
const MODEL_BYTES_MAX = 2 ** 28;

export interface ModelStoreOptions {
  readonly directory: string;
  /** Read-only, which works while another process writes. Nothing can be stored. */
  readonly readOnly?: boolean;
}

export function openModelStore(options: ModelStoreOptions): ModelStore {
  const environment = openEnvironment({ ...options, kind: KIND, formatVersion: FORMAT_VERSION });
  return {
    async put(bytes) {
      if (bytes.length > MODEL_BYTES_MAX) {
        throw new AppError(
          'invalid_argument',
          `a model of ${bytes.length} bytes; at most ${MODEL_BYTES_MAX} can be stored`,
        );
      }
      const name = nameOf(bytes);
      // Comparing the bytes, not only the name, repairs a damaged copy.
      if (environment.store.get(modelKey(name))?.equals(bytes)) return name;
      // A copy, because the caller may reuse the bytes before the transaction runs.
      const value = Buffer.from(bytes);
      await environment.write(() => void environment.store.put(modelKey(name), value));
      return name;
    },
    async get(name) {
      const bytes = environment.store.get(modelKey(name));
      if (bytes && nameOf(bytes) !== name) {
        throw new AppError(
          'storage_corrupt',
          `model ${name} in ${options.directory} is damaged: its bytes have another hash`,
        );
      }
      return bytes;
    },
    delete: (name) => environment.write(() => void environment.store.remove(modelKey(name))),
    async *list() {
      const names = [...environment.store.getKeys(MODEL_KEYS)].map(modelNameOf);
      for (const name of names) {
        const bytes = environment.store.getBinaryFast(modelKey(name))?.length;
        if (bytes !== undefined) yield { name: name as ModelName, bytes };
      }
    },
    close: () => environment.close(),
  };
}

function nameOf(bytes: Uint8Array): ModelName {
  return createHash('sha256').update(bytes).digest('hex') as ModelName;
}
