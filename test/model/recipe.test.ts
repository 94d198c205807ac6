import { describe, expect, it } from 'vitest';
import { contentHash } from '../../src/model/content-hash.ts';
import { calculationId, type ReplayRecipe, recipeText } from '../../src/model/recipe.ts';

const replay: ReplayRecipe = {
  kind: 'replay',
  seed: 7,
  campaign: 'na-ion',
  labels: [{ methods: ['dft'], labelSet: 'mp' }, { labelSet: 'dejong-2015' }],
  failureRate: 0.1,
  neverReturningRate: 0,
  delaySeconds: 2,
};

describe('recipeText', () => {
  it('sorts keys at every depth, and keeps the order of lists', () => {
    expect(recipeText(replay)).toBe(
      '{"campaign":"na-ion","delaySeconds":2,"failureRate":0.1,"kind":"replay",' +
        '"labels":[{"labelSet":"mp","methods":["dft"]},{"labelSet":"dejong-2015"}],"neverReturningRate":0,"seed":7}',
    );
  });

  it('is the same for the same recipe, however it was put together', () => {
    const { kind, ...rest } = replay;
    expect(recipeText({ ...rest, kind })).toBe(recipeText(replay));
  });
});

describe('calculationId', () => {
  const silicon = contentHash('material', ['silicon']);

  it('never changes', () => {
    expect(calculationId(silicon, recipeText(replay))).toBe(
      'h1:e812f2bcafb13316db92e6ee8392796b67b70d887cac86e9cdef41e421ed0b7b',
    );
  });

  it('is another one for another version of the material or another recipe', () => {
    const strained = contentHash('material', ['strained']);
    const other = recipeText({ ...replay, seed: 8 });
    const ids = [
      calculationId(silicon, recipeText(replay)),
      calculationId(strained, recipeText(replay)),
      calculationId(silicon, other),
    ];
    expect(new Set(ids).size).toBe(3);
  });
});
