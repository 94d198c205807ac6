import type { readModel } from '../../src/learning/member-models.ts';

export type Model = ReturnType<typeof readModel>;

/** Parsed models of the latest rounds, by the hash of their trees; the oldest go first. */
export interface ModelCache {
  get(treesHash: string): Model | undefined;
  put(treesHash: string, model: Model): void;
}

/** @param modelsMax about 100 KB each */
export function createModelCache(modelsMax: number): ModelCache {
  const models = new Map<string, Model>();
  return {
    get: (treesHash) => models.get(treesHash),
    put(treesHash, model) {
      models.delete(treesHash);
      models.set(treesHash, model);
      if (models.size > modelsMax) models.delete(models.keys().next().value!);
    },
  };
}
