import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FEATURES } from '../../src/featurizers/feature-schema.ts';
import { createMaterialFeaturizer } from '../../src/featurizers/material-featurizer.ts';
import { parseMaterialId } from '../../src/model/material-id.ts';
import type { Structure } from '../../src/model/structure.ts';
import { CRYSTALS, inOtherVectors, shifted, supercell } from '../support/crystals.ts';
import { featureDifferences } from '../support/feature-differences.ts';
import { unimodulars } from '../support/random-crystals.ts';

const id = parseMaterialId('made-up');
const LABELS = FEATURES.map(({ label }) => label);
const featurizer = createMaterialFeaturizer({ cell: 'primitive' });
const nacl = CRYSTALS['rocksalt NaCl']!.structure;

function featuresOf(structure: Structure): Float64Array {
  const out = new Float64Array(281);
  featurizer.featurize({ id, structure }, out);
  return out;
}

describe('the material featurizer', () => {
  it('puts every group in its place and NaN where nothing is known', () => {
    const values = featuresOf(nacl);
    const named = (label: string) => values[LABELS.indexOf(label)]!;
    expect(LABELS.filter((_, i) => Number.isNaN(values[i]!))).toEqual([
      'band_gap',
      'formation_energy_per_atom',
      'energy_above_hull',
    ]);
    expect(named('nsites')).toBe(2);
    expect(named('MagpieData mean Number')).toBe(14);
    expect(named('mean local difference in Number')).toBe(6);
    expect(named('mean CN_VoronoiNN')).toBeCloseTo(6, 12);
  });

  it('leaves nothing of the material before', () => {
    const out = new Float64Array(281).fill(7);
    featurizer.featurize({ id, structure: nacl, bandGap: 5, formationEnergyPerAtom: -2, energyAboveHull: 0 }, out);
    featurizer.featurize({ id, structure: nacl }, out);
    expect(out).toEqual(featuresOf(nacl));
  });

  it('counts the cell as given where told to', () => {
    const out = new Float64Array(281);
    createMaterialFeaturizer({ cell: 'as-given' }).featurize({ id, structure: nacl }, out);
    const differs = LABELS.filter((_, i) => !Object.is(out[i], featuresOf(nacl)[i]));
    expect(differs).toEqual(['volume', 'nsites']);
  });

  it('sees the crystal, not its description', () => {
    const same = { relative: 1e-9, absolute: 1e-9 };
    const described = fc.tuple(
      fc.constantFrom(...Object.values(CRYSTALS)),
      unimodulars,
      fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    );
    fc.assert(
      fc.property(described, ([{ structure }, vectors, size]) => {
        const other = shifted(supercell(inOtherVectors(structure, vectors), size), [0.3, -0.7, 1]);
        expect(featureDifferences(LABELS, featuresOf(other), featuresOf(structure), same)).toEqual([]);
      }),
    );
  });
});
