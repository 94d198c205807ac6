import { createHash } from 'node:crypto';
import { AppError } from '../../../src/model/app-error.ts';
import type { ModelName, ModelStore } from '../../../src/ports/model-store.ts';
import { createPortCalls, type Life } from './life.ts';
import type { Surroundings } from './surroundings.ts';

/** The models on disk, by name. */
export type StoredModels = Map<ModelName, Uint8Array>;

/** A node's access to the models that all nodes share. */
export function createSimulatedModelStore(around: Surroundings, life: Life, models: StoredModels): ModelStore {
  const calls = createPortCalls(around, life, 'model store');
  const fault = 'modelsRefused';
  return {
    async put(given) {
      const bytes = Uint8Array.from(given);
      const name = nameOf(bytes);
      return calls.call(`put model ${name.slice(0, 8)}`, fault, () => {
        models.set(name, bytes);
        if (around.strikes('modelDamaged')) damageModel(models, name);
        if (around.strikes('modelLost')) models.delete(name);
        return name;
      });
    },
    get: (name) =>
      calls.call(`get model ${name.slice(0, 8)}`, fault, () => {
        const bytes = models.get(name);
        if (bytes && nameOf(bytes) !== name) {
          throw new AppError('storage_corrupt', `model ${name} is damaged: its bytes have another hash`);
        }
        return bytes && Uint8Array.from(bytes);
      }),
    delete: (name) => calls.call(`delete model ${name.slice(0, 8)}`, fault, () => void models.delete(name)),
    async *list() {
      const all = await calls.call('list models', fault, () => [...models]);
      for (const [name, { length }] of all) yield { name, bytes: length };
    },
    close: async () => calls.close(),
  };
}

/** Changes one byte of a stored model without the store's knowledge. */
export function damageModel(models: StoredModels, name: ModelName): void {
  const bytes = Uint8Array.from(models.get(name)!);
  if (bytes.length === 0) return;
  bytes[bytes.length >> 1]! ^= 1;
  models.set(name, bytes);
}

function nameOf(bytes: Uint8Array): ModelName {
  return createHash('sha256').update(bytes).digest('hex') as ModelName;
}
