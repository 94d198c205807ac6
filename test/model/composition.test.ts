import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellMass, compositionOf, createComposition, reducedFormula } from '../../src/model/composition.ts';
import { atomicNumber } from '../../src/model/element-symbols.ts';
import { createLattice } from '../../src/model/lattice.ts';
import { createStructure } from '../../src/model/structure.ts';
import { countsOf } from '../support/atom-counts.ts';

interface Golden {
  readonly amounts: Record<string, number>;
  readonly reducedFormula: string;
  readonly mass: number;
}
const url = new URL('../fixtures/composition-golden.json', import.meta.url);
const golden: readonly Golden[] = JSON.parse(readFileSync(url, 'utf8')).compositions;

describe('compositionOf', () => {
  it('counts the sites, elements ascending and amounts reduced', () => {
    const species = ['O', 'Fe', 'O', 'Fe', 'O', 'O', 'Fe', 'O', 'O', 'Fe'].map((symbol) => atomicNumber(symbol)!);
    const lattice = createLattice([5, 0, 0, 0, 5, 0, 0, 0, 5]);
    const composition = compositionOf(createStructure(lattice, species, new Float64Array(30)));
    expect(composition).toEqual({
      atomicNumbers: Uint8Array.of(8, 26),
      amounts: Float64Array.of(3, 2),
      formulaUnits: 2,
    });
  });

  it('does not depend on the order of the sites', () => {
    const lattice = createLattice([5, 0, 0, 0, 5, 0, 0, 0, 5]);
    const of = (species: number[]) =>
      compositionOf(createStructure(lattice, species, new Float64Array(3 * species.length)));
    const sites = fc.array(fc.integer({ min: 1, max: 118 }), { minLength: 1, maxLength: 40 });
    const shuffled = sites.chain((species) =>
      fc.tuple(
        fc.constant(species),
        fc.shuffledSubarray(species, { minLength: species.length, maxLength: species.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([a, b]) => {
        expect(of(b)).toEqual(of(a));
      }),
    );
  });
});

describe.each(golden)('$reducedFormula', ({ amounts, reducedFormula: formula, mass }) => {
  it('has the formula and mass that pymatgen gives it', () => {
    const composition = createComposition(countsOf(amounts));
    expect(reducedFormula(composition)).toBe(formula);
    expect(cellMass(composition) / mass).toBeCloseTo(1, 14);
  });
});
