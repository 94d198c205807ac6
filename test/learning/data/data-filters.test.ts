import { describe, expect, it } from 'vitest';
import {
  candidateFilterReason,
  criterionCounts,
  dataFilterReason,
  type FilterReason,
  filterCounts,
  lowestPolymorphs,
  PAPER_CANDIDATE_FILTERS,
  PAPER_DATA_FILTERS,
} from '../../../src/learning/data/data-filters.ts';
import { atomicNumber } from '../../../src/model/element-symbols.ts';
import { createLattice } from '../../../src/model/lattice.ts';
import type { Material } from '../../../src/model/material.ts';
import { materialFacts } from '../../../src/model/material-facts.ts';
import { materialHash } from '../../../src/model/material-hash.ts';
import { parseMaterialId } from '../../../src/model/material-id.ts';
import { createStructure } from '../../../src/model/structure.ts';

const zs = (...symbols: string[]) => Uint8Array.from(symbols, (symbol) => atomicNumber(symbol)!);
const material = (symbols: string[], known: Partial<Material> = {}): Material => {
  const edge = 4 * symbols.length;
  const lattice = createLattice([edge, 0, 0, 0, 4, 0, 0, 0, 4]);
  const coords = symbols.flatMap((_, i) => [i / symbols.length, 0, 0]);
  return { id: parseMaterialId('x'), structure: createStructure(lattice, zs(...symbols), coords), ...known };
};
const factsOf = (candidate: Material) => materialFacts(candidate, materialHash(candidate));

describe("the paper's data filters", () => {
  it.each<[FilterReason | undefined, string[], { g_vrh?: number; k_vrh?: number }]>([
    [undefined, ['Na', 'Cl'], { g_vrh: 15, k_vrh: 25 }],
    ['negative_modulus', ['Na', 'Cl'], { g_vrh: -1, k_vrh: 25 }],
    ['negative_modulus', ['Na', 'Cl'], { g_vrh: 1, k_vrh: -25 }],
    [undefined, ['Na', 'Cl'], { g_vrh: 0, k_vrh: 0 }],
    ['moduli_above_limits', ['C'], { g_vrh: 701, k_vrh: 501 }],
    [undefined, ['C'], { g_vrh: 701, k_vrh: 500 }],
    [undefined, ['C'], { g_vrh: 700, k_vrh: 501 }],
    ['inert_gas', ['Xe', 'F'], { g_vrh: 1, k_vrh: 1 }],
    ['inert_gas', ['Rn'], { g_vrh: 1, k_vrh: 1 }],
    ['radioactive_element', ['U', 'O'], { g_vrh: 1, k_vrh: 1 }],
    ['radioactive_element', ['Tc'], { k_vrh: 1 }],
    [undefined, ['Bi'], { k_vrh: 1 }],
  ])('%s: %o %o', (reason, symbols, values) => {
    expect(dataFilterReason(zs(...symbols), values, PAPER_DATA_FILTERS)).toBe(reason);
  });

  it('do nothing when switched off', () => {
    const off = { negativeModuli: false, inertGases: false, radioactiveElements: false };
    expect(dataFilterReason(zs('Rn', 'U'), { g_vrh: -1, k_vrh: 9999 }, off)).toBeUndefined();
  });
});

describe("the paper's candidate filters", () => {
  const lowest = new Map([['NaCl', -2]]);
  const filters = { ...PAPER_CANDIDATE_FILTERS, activeElements: ['Fe'] };
  it.each<[FilterReason | undefined, Material, boolean?]>([
    [undefined, material(['Na', 'Cl'])],
    [undefined, material(['Na', 'Cl'], { bandGap: 0.1, formationEnergyPerAtom: -2, energyAboveHull: 0.1 })],
    ['inert_gas', material(['Na', 'He'])],
    ['no_structure_features', material(['Na', 'Cl']), false],
    ['small_band_gap', material(['Na', 'Cl'], { bandGap: 0.09 })],
    ['positive_formation_energy', material(['Na', 'Cl'], { formationEnergyPerAtom: 0.01 })],
    ['above_hull', material(['Na', 'Cl'], { energyAboveHull: 0.11 })],
    ['many_sites', material(new Array(50).fill('Na'))],
    [undefined, material(new Array(49).fill('Na'))],
    ['above_polymorph', material(['Na', 'Cl'], { formationEnergyPerAtom: -1.99 })],
    ['electrochemically_active', material(['Na', 'Fe'])],
  ])('%s', (reason, candidate, hasStructureFeatures = true) => {
    expect(candidateFilterReason({ facts: factsOf(candidate), hasStructureFeatures }, filters, lowest)).toBe(reason);
  });

  it('know the lowest polymorph of a formula whatever the cell and the order', () => {
    const salts = [-1, -3, undefined, -2].map((energy, i) =>
      material(
        i === 1 ? ['Na', 'Na', 'Cl', 'Cl'] : ['Cl', 'Na'],
        energy === undefined ? {} : { formationEnergyPerAtom: energy },
      ),
    );
    const facts = salts.map(factsOf);
    expect(lowestPolymorphs(facts)).toEqual(new Map([['NaCl', -3]]));
    expect(lowestPolymorphs(facts.toReversed())).toEqual(lowestPolymorphs(facts));
  });
});

describe('criterionCounts', () => {
  const lowest = new Map([['NaCl', -2]]);
  const salt = (known: Partial<Material>) => ({
    facts: factsOf(material(['Na', 'Cl'], known)),
    hasStructureFeatures: true,
  });

  it('tells of each criterion what it removed of the rest, and what it could not judge', () => {
    const candidates = [
      salt({}),
      salt({ bandGap: 0 }),
      salt({ bandGap: 0, formationEnergyPerAtom: 1 }),
      salt({ bandGap: 2, formationEnergyPerAtom: 1 }),
      salt({ bandGap: 2, formationEnergyPerAtom: -1 }),
      salt({ formationEnergyPerAtom: -2, energyAboveHull: 0 }),
    ];
    const counts = criterionCounts(candidates, { ...PAPER_CANDIDATE_FILTERS, sitesMax: 5 }, lowest);
    expect(counts).toEqual([
      { criterion: 'inert_gas', removed: 0, notJudged: 0 },
      { criterion: 'no_structure_features', removed: 0, notJudged: 0 },
      { criterion: 'small_band_gap', removed: 2, notJudged: 2 },
      { criterion: 'positive_formation_energy', removed: 1, notJudged: 1 },
      { criterion: 'above_hull', removed: 0, notJudged: 2 },
      { criterion: 'many_sites', removed: 0, notJudged: 0 },
      { criterion: 'above_polymorph', removed: 1, notJudged: 1 },
    ]);
    const reasons = candidates.map((one) => candidateFilterReason(one, PAPER_CANDIDATE_FILTERS, lowest));
    const removed = counts.filter(({ removed: n }) => n > 0).map(({ criterion, removed: n }) => [criterion, n]);
    expect(Object.entries(filterCounts(reasons))).toEqual(removed);
  });

  it('is empty where the campaign asks for none', () => {
    const off = { inertGases: false, withoutStructureFeatures: false, polymorphs: false, activeElements: [] };
    expect(criterionCounts([salt({})], off, lowest)).toEqual([]);
  });
});

describe('filterCounts', () => {
  it('counts by reason, in a fixed order', () => {
    const counts = filterCounts(['inert_gas', undefined, 'negative_modulus', 'inert_gas']);
    expect(Object.entries(counts)).toEqual([
      ['negative_modulus', 1],
      ['inert_gas', 2],
    ]);
  });
});
