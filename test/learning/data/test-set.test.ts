import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseTestSet, type LabelledMaterial } from '../../../src/learning/data/test-set.ts';
import type { SamplingModel } from '../../../src/learning/ensemble/sampling-model.ts';
import type { MaterialId } from '../../../src/model/material-id.ts';
import { MODULI } from '../../../src/model/target.ts';

const NA = 11;
const MODELS: readonly SamplingModel[] = [
  { model: 1, focusElement: 'Na' },
  { model: 2 },
  { model: 3, trainFromGpa: { g_vrh: 200, k_vrh: 350 } },
];
const choose = (labelled: readonly LabelledMaterial[], model: SamplingModel, fraction = 0.2, seed = 1) =>
  chooseTestSet(labelled, { seed, fraction, model, targets: MODULI });

const material = fc.record({ z: fc.integer({ min: 1, max: 20 }), g: fc.nat(300), k: fc.nat(500) });
const materials = fc.array(material, { maxLength: 60 }).map((all) =>
  all.map(({ z, g, k }, i): LabelledMaterial => {
    return { id: `m${i}` as MaterialId, atomicNumbers: Uint8Array.of(z), values: [g, k] };
  }),
);
const MANY = Array.from({ length: 5000 }, (_, i): LabelledMaterial => {
  const g = (i * 37) % 250;
  return { id: `mp-${i}` as MaterialId, atomicNumbers: Uint8Array.of(8, i % 20 === 0 ? NA : 12), values: [g, 2 * g] };
});

describe.each(MODELS)('the test set of Model $model', (model) => {
  it('does not depend on the order of the materials', () => {
    fc.assert(
      fc.property(materials, (all) => {
        expect(choose(all.toReversed(), model)).toEqual(choose(all, model));
      }),
    );
  });

  it('is another one for another seed', () => expect(choose(MANY, model, 0.2, 2)).not.toEqual(choose(MANY, model)));
});

describe('Models 1 and 2', () => {
  it.each(MODELS.slice(0, 2))('keep every choice when materials are added (Model $model)', (model) => {
    fc.assert(
      fc.property(materials, fc.nat(60), (all, n) => {
        const before = new Set(choose(all.slice(0, n), model));
        const known = new Set(all.slice(0, n).map(({ id }) => id));
        expect(choose(all, model).filter((id) => known.has(id))).toEqual(choose(all.slice(0, n), model));
        expect(before.size).toBeLessThanOrEqual(known.size);
      }),
    );
  });

  it('hold the fraction, within five standard deviations', () => {
    expect(Math.abs(choose(MANY, MODELS[1]!).length - 1000)).toBeLessThan(5 * Math.sqrt(800));
  });

  it('Model 1 has every material of the focus element', () => {
    const chosen = new Set(choose(MANY, MODELS[0]!));
    const focus = MANY.filter(({ atomicNumbers }) => atomicNumbers.includes(NA));
    expect(focus.every(({ id }) => chosen.has(id))).toBe(true);
    expect(chosen.size).toBeGreaterThan(focus.length);
  });
});

describe('Model 3', () => {
  const chosen = new Set(choose(MANY, MODELS[2]!));

  it('leaves out what must train, and holds the fraction of the rest to one row', () => {
    const free = MANY.filter(({ values }) => values[0]! < 200 && values[1]! < 350);
    expect([...chosen].every((id) => free.some((row) => row.id === id))).toBe(true);
    expect(chosen.size).toBe(Math.round(0.2 * free.length));
  });

  it('holds the same fraction of soft and of stiff materials', () => {
    for (const [from, to] of [
      [0, 20],
      [150, 170],
    ] as const) {
      const band = MANY.filter(({ values }) => values[0]! >= from && values[0]! < to);
      const share = band.filter(({ id }) => chosen.has(id)).length / band.length;
      expect(Math.abs(share - 0.2)).toBeLessThan(0.05);
    }
  });

  it('has no trouble with moduli that are not known, or all equal', () => {
    const odd = MANY.slice(0, 100).map((row, i) => ({ ...row, values: [i % 2 === 0 ? Number.NaN : 5, 5] }));
    expect(choose(odd, MODELS[2]!)).toHaveLength(20);
    expect(choose([], MODELS[2]!)).toEqual([]);
  });
});
