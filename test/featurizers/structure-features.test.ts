import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STRUCTURE_FEATURES, writeStructureFeatures } from '../../src/featurizers/structure-features.ts';
import { tessellate } from '../../src/kernels/voronoi/tessellate.ts';
import { compositionOf } from '../../src/model/composition.ts';
import type { Structure } from '../../src/model/structure.ts';
import { CRYSTALS, crystal, inOtherVectors, shifted, supercell } from '../support/crystals.ts';
import { rotations } from '../support/elasticity.ts';
import { featureDifferences, GOLDEN_TOLERANCE } from '../support/feature-differences.ts';
import { nearlySymmetricCrystals, randomCells, slabs, turned, unimodulars } from '../support/random-crystals.ts';
import { type StructureRow, structureOfRow } from '../support/reference-rows.ts';

const LABELS = STRUCTURE_FEATURES.map(({ label }) => label);

/** Written behind and before other numbers, which must stay. */
function featuresOf(structure: Structure): Float64Array {
  const out = new Float64Array(LABELS.length + 4).fill(-7);
  writeStructureFeatures(structure, compositionOf(structure), tessellate(structure), out, 3);
  expect([...out.subarray(0, 3), out[out.length - 1]]).toEqual([-7, -7, -7, -7]);
  return out.subarray(3, -1);
}

function valuesOf(structure: Structure): Record<string, number> {
  const values = featuresOf(structure);
  return Object.fromEntries(LABELS.map((label, i) => [label, values[i]!]));
}

interface Golden {
  readonly labels: readonly string[];
  readonly structures: readonly (StructureRow & { readonly name: string; readonly features: readonly number[] })[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../fixtures/structure-golden.json', import.meta.url), 'utf8'),
) as Golden;

describe("matminer's structure features", () => {
  it('have its labels and order', () => {
    expect(LABELS).toHaveLength(128);
    expect(LABELS).toEqual(golden.labels);
  });

  it.each(golden.structures)('$name', (row) => {
    const structure = structureOfRow(row);
    expect(featureDifferences(LABELS, featuresOf(structure), row.features, GOLDEN_TOLERANCE)).toEqual([]);
    const elsewhere = shifted(structure, [0, 1, -2]);
    expect(featureDifferences(LABELS, featuresOf(elsewhere), row.features, GOLDEN_TOLERANCE)).toEqual([]);
  });
});

describe('known values', () => {
  it('simple cubic: coordination 6, packing pi / 6, nothing varies', () => {
    const values = valuesOf(CRYSTALS['simple cubic Po']!.structure);
    expect(values['mean CN_VoronoiNN']).toBeCloseTo(6, 12);
    expect(values['max packing efficiency']).toBeCloseTo(Math.PI / 6, 12);
    expect(values['max relative bond length']).toBe(1);
    expect(values['mean neighbor distance variation']).toBeCloseTo(0, 12);
    expect(values['maximum local difference in Electronegativity']).toBe(0);
    expect(values['mean ordering parameter shell 1']).toBe(0);
  });

  it('fcc: coordination 12, packing pi / sqrt(18)', () => {
    const values = valuesOf(CRYSTALS['fcc Cu']!.structure);
    expect(values['mean CN_VoronoiNN']).toBeCloseTo(12, 12);
    expect(values['max packing efficiency']).toBeCloseTo(Math.PI / Math.sqrt(18), 12);
  });

  it('bcc: coordination (8 h + 6 s)^2 / (8 h^2 + 6 s^2) of hexagons h and squares s, packing pi sqrt(3) / 8', () => {
    const values = valuesOf(CRYSTALS['bcc Fe']!.structure);
    const [h, s] = [(3 * Math.sqrt(3)) / 16, 1 / 8];
    expect(values['mean CN_VoronoiNN']).toBeCloseTo((8 * h + 6 * s) ** 2 / (8 * h * h + 6 * s * s), 12);
    expect(values['max packing efficiency']).toBeCloseTo((Math.PI * Math.sqrt(3)) / 8, 12);
    const [near, far] = [Math.sqrt(3) / 2, 1];
    const mean = (8 * h * near + 6 * s * far) / (8 * h + 6 * s);
    const variation = (8 * h * (mean - near) + 6 * s * (far - mean)) / (8 * h + 6 * s) / mean;
    expect(values['maximum neighbor distance variation']).toBeCloseTo(variation, 12);
  });

  it('rocksalt: every face is shared with the other element', () => {
    const values = valuesOf(CRYSTALS['rocksalt NaCl']!.structure);
    for (const statistic of ['minimum', 'maximum', 'mean']) {
      expect(values[`${statistic} local difference in Number`]).toBe(6);
      expect(values[`${statistic} local difference in Electronegativity`]).toBeCloseTo(3.16 - 0.93, 12);
    }
    expect(values['range local difference in Number']).toBe(0);
    expect(values['mean absolute deviation in relative cell size']).toBeCloseTo(0, 12);
  });

  it('two sites a third apart in a long cell: cells and bonds of different length', () => {
    // Along x the faces are 3 and 6 away (cells of 4.5), across 10 by 10: the areas are 100 and 45.
    const values = valuesOf(
      crystal(
        [9, 0, 0, 0, 10, 0, 0, 0, 10],
        [
          [3, 0, 0, 0],
          [9, 1 / 3, 0, 0],
        ],
      ),
    );
    const faces = [[100, 3], [100, 6], ...Array.from({ length: 4 }, () => [45, 10])] as const;
    const total = 380;
    const mean = faces.reduce((sum, [area, d]) => sum + area * d, 0) / total;
    const variation = faces.reduce((sum, [area, d]) => sum + area * Math.abs(d - mean), 0) / total / mean;
    expect(values['mean neighbor distance variation']).toBeCloseTo(variation, 12);
    expect(values['mean local difference in Number']).toBeCloseTo((6 * 200) / total, 12);
    expect(values['max packing efficiency']).toBeCloseTo((2 * (4 / 3) * Math.PI * 1.5 ** 3) / 900, 12);
  });
});

/**
 * Other coordinates of the same crystal differ by rounding, 1e-16 of the cell, which flat and skewed cells magnify, and
 * the kernel may then keep or leave out faces narrower than 1e-11 Angstrom, 100 Angstrom long and 1 from the site.
 */
const SAME = { relative: 1e-8, absolute: 1e-8 };
const shift = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 });
const crystals = fc.oneof(randomCells, nearlySymmetricCrystals);

function expectSame(a: Structure, b: Structure): void {
  expect(featureDifferences(LABELS, inUnitsOfMaximum(featuresOf(b)), inUnitsOfMaximum(featuresOf(a)), SAME)).toEqual(
    [],
  );
}

/** A range or deviation of 0 among melting points comes out as the rounding of thousands of kelvins: divide by those. */
function inUnitsOfMaximum(values: Float64Array): Float64Array {
  return values.map((x, i) => {
    const back = ['range', 'mean', 'avg_dev'].indexOf(LABELS[i]!.split(' ')[0]!) + 1;
    const isStatistic = back > 0 && LABELS[i - back]?.startsWith('maximum') === true;
    return isStatistic && values[i - back]! > 1 ? x / values[i - back]! : x;
  });
}

describe('structure features do not change', () => {
  it('with the origin, images of the sites and their order', () => {
    fc.assert(fc.property(crystals, shift, (s, by) => expectSame(s, shifted(s, by))));
  });

  it('when the crystal is turned or mirrored', () => {
    fc.assert(
      fc.property(crystals, rotations, fc.boolean(), (s, rotation, mirror) => {
        expectSame(s, turned(s, mirror ? rotation.map((x) => -x) : rotation));
      }),
    );
  });

  it('with the choice of primitive vectors', () => {
    fc.assert(fc.property(crystals, unimodulars, (s, vectors) => expectSame(s, inOtherVectors(s, vectors))));
  });

  it.each([[[2, 1, 1]], [[2, 2, 2]], [[1, 3, 2]]] as const)('in a supercell of %j', (n) => {
    fc.assert(fc.property(crystals, (s) => expectSame(s, supercell(s, n))));
  });

  it('with the origin, however thick the vacuum', () => {
    fc.assert(fc.property(slabs, shift, (s, by) => expectSame(s, shifted(s, by))));
  });

  it('and are never NaN', () => {
    fc.assert(fc.property(fc.oneof(crystals, slabs), (s) => featuresOf(s).every(Number.isFinite)));
  });
});
