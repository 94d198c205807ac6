import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { GEOMETRIC_FEATURES, writeGeometricFeatures } from '../../src/featurizers/geometric-features.ts';
import { StepBudget } from '../../src/kernels/step-budget.ts';
import { PeriodicSites } from '../../src/kernels/voronoi/periodic-sites.ts';
import type { Structure } from '../../src/model/structure.ts';
import { CRYSTALS, crystal, inOtherVectors, shifted, supercell } from '../support/crystals.ts';
import { featureDifferences } from '../support/feature-differences.ts';
import { type StructureRow, structureOfRow } from '../support/reference-rows.ts';

const LABELS = GEOMETRIC_FEATURES.map(({ label }) => label);
/** What rounding leaves of numbers that symmetry makes 0. */
const TOLERANCE = { relative: 1e-9, absolute: 1e-11 };

function featuresOf(structure: Structure): Float64Array {
  const out = new Float64Array(LABELS.length + 2).fill(-7);
  const sites = new PeriodicSites(structure, new StepBudget(structure.atomicNumbers.length));
  writeGeometricFeatures(structure, sites, out, 1);
  expect([out[0], out[out.length - 1]]).toEqual([-7, -7]);
  return out.subarray(1, -1);
}

const valuesOf = (structure: Structure) =>
  Object.fromEntries(LABELS.map((label, i) => [label, featuresOf(structure)[i]!])) as Record<string, number>;

interface GoldenRow extends StructureRow {
  readonly features: readonly (number | null)[];
}
const [header, ...golden] = gunzipSync(readFileSync(new URL('../fixtures/geometric-golden.jsonl.gz', import.meta.url)))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line)) as [{ labels: string[] }, ...GoldenRow[]];

describe('the features of bonds and geometry', () => {
  it('are those of the Python definition', () => {
    expect([...LABELS].sort()).toEqual(header.labels);
    expect(golden).toHaveLength(200);
    const places = header.labels.map((label) => LABELS.indexOf(label));
    const wrong = golden.flatMap((row, i) => {
      const features = featuresOf(structureOfRow(row));
      const ours = places.map((place) => features[place]!);
      const differs = featureDifferences(header.labels, ours, row.features, TOLERANCE);
      return differs.length === 0 ? [] : [{ i, differs }];
    });
    expect(wrong).toEqual([]);
  });

  it.each(Object.entries(CRYSTALS))('of %s do not depend on origin, vectors or cell', (_, { structure }) => {
    const expected = [...featuresOf(structure)];
    for (const same of [
      shifted(structure, [0.13, 0.37, 0.71]),
      inOtherVectors(structure, [1, 1, 0, 0, 1, 0, 0, -1, 1]),
      supercell(structure, [2, 1, 1]),
    ]) {
      expect(featureDifferences(LABELS, featuresOf(same), expected, { relative: 1e-7, absolute: 1e-7 })).toEqual([]);
    }
  });

  it('know what is known of simple crystals', () => {
    const { structure: copper } = CRYSTALS['fcc Cu']!;
    const cu = valuesOf(copper);
    expect(cu).toMatchObject({ coordination_mean: 12, dx_near: 0, imbalance: 0, k_voigt_elements: 140 });
    expect(cu.nearest_mean).toBeCloseTo(3.61 / Math.SQRT2, 12);
    expect(cu.volume_per_atom).toBeCloseTo(3.61 ** 3 / 4, 12);
    // Central forces alone: C12 = C44, so 5 G_Voigt = 3 K.
    expect(cu.spring_g_voigt! / cu.spring_k!).toBeCloseTo(0.6, 10);
    expect(cu.spring_k_reuss! / cu.spring_k!).toBeCloseTo(1, 8);
    // Diamond: 443 GPa by experiment.
    expect(valuesOf(CRYSTALS.diamond!.structure).cohen_k).toBeGreaterThan(400);
    expect(valuesOf(CRYSTALS.zincblende!.structure).imbalance).toBeGreaterThan(0.1);
  });

  it('are not known where an element has no data, or no site a neighbour', () => {
    const alone = valuesOf(crystal([9, 0, 0, 0, 9, 0, 0, 0, 9], [[2, 0, 0, 0]]));
    const known = Object.keys(alone).filter((label) => !Number.isNaN(alone[label]!));
    expect(known).toEqual([
      ...['volume_over_elemental', 'valence_density', 'valence_density_5_3', 'volume_per_atom', 'electron_density'],
    ]);
  });
});
