import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Deformation, deformationsHash } from '../../src/model/deformation.ts';

const deformation = (provenance: string, strain = 0.01): Deformation => ({
  gradient: Float64Array.of(1 + strain, 0, 0, 0, 1, 0, 0, 0, 1),
  stress: Float64Array.of(-1, 0, 0, 0, 0, 0),
  provenance,
});

it('a set of deformations has one name in whatever order it comes', () => {
  const all = ['a', 'b', 'c', 'd'].map((name) => deformation(name));
  const shuffled = fc.shuffledSubarray(all, { minLength: 4 });
  fc.assert(
    fc.property(shuffled, (some) => {
      expect(deformationsHash(some)).toBe(deformationsHash(all));
    }),
  );
});

it('another set has another name', () => {
  const names = [[], [deformation('a')], [deformation('a'), deformation('a')], [deformation('a', 0.02)]];
  expect(new Set(names.map(deformationsHash)).size).toBe(4);
});
