import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { type CellChoice, MP_PROPERTIES, writeMpProperties } from '../../src/featurizers/mp-properties.ts';
import { compositionOf } from '../../src/model/composition.ts';
import { crystalSystemNumber } from '../../src/model/crystal-system.ts';
import { atomicNumber } from '../../src/model/element-symbols.ts';
import { createLattice } from '../../src/model/lattice.ts';
import type { Material } from '../../src/model/material.ts';
import { parseMaterialId } from '../../src/model/material-id.ts';
import { createStructure, type Structure } from '../../src/model/structure.ts';
import { CRYSTALS, shifted, supercell } from '../support/crystals.ts';
import { itWithShared } from '../support/shared-data.ts';

function properties(structure: Structure, known: Partial<Material> = {}, cell: CellChoice = 'primitive'): number[] {
  const out = new Float64Array(10).fill(-1);
  writeMpProperties({ id: parseMaterialId('x'), structure, ...known }, compositionOf(structure), cell, out, 1);
  expect([out[0], out[9]]).toEqual([-1, -1]);
  return [...out.slice(1, 9)];
}

const nacl = CRYSTALS['rocksalt NaCl']!.structure;

it('has eight labels, each with its unit', () => {
  expect(MP_PROPERTIES.map(({ label, unit }) => `${label} ${unit}`)).toEqual([
    'volume Angstrom^3',
    'density g/cm^3',
    'band_gap eV',
    'formation_energy_per_atom eV/atom',
    'energy_above_hull eV/atom',
    'nsites 1',
    'nelements 1',
    'crystal_system 1',
  ]);
});

it('writes them for the primitive cell of NaCl, NaN for what is not known', () => {
  const [volume, density, ...rest] = properties(nacl);
  expect(volume).toBeCloseTo(5.64 ** 3 / 4, 9);
  // 4 x 58.442769 u in (5.64 Angstrom)^3.
  expect(density).toBeCloseTo((4 * 58.44276928 * 1.66053907) / 5.64 ** 3, 6);
  expect(rest).toEqual([Number.NaN, Number.NaN, Number.NaN, 2, 2, 7]);
});

it('writes the cell as given where asked to', () => {
  const [volume, , , , , sites, , system] = properties(nacl, {}, 'as-given');
  expect([volume, sites, system]).toEqual([nacl.lattice.volume, 8, 7]);
});

it('hands on what the source knows, its space group before our own', () => {
  const known = { bandGap: 5, formationEnergyPerAtom: -2.1, energyAboveHull: 0, spaceGroup: 1 };
  expect(properties(nacl, known).slice(2)).toEqual([5, -2.1, 0, 2, 2, 1]);
});

it.each(Object.entries(CRYSTALS))('%s: the same eight numbers for a shifted supercell', (_, { structure, system }) => {
  const [one, other] = [properties(structure), properties(shifted(supercell(structure, [2, 1, 3]), [0.2, 0.7, -1.9]))];
  one.forEach((value, i) => {
    if (Number.isNaN(value)) expect(other[i]).toBeNaN();
    else expect(other[i]! / value).toBeCloseTo(1, 9);
  });
  expect(one[7]).toBe(system);
});

interface Row {
  lattice: number[][];
  species: string[];
  frac_coords: number[][];
  space_group: number;
}

itWithShared('finds the crystal system of 99 % of the reference rows', (shared) => {
  const lines = gunzipSync(readFileSync(shared('data/mp-elastic.jsonl.gz')))
    .toString()
    .trim()
    .split('\n');
  const rows = lines.filter((_, i) => i % 16 === 0).map((line) => JSON.parse(line) as Row);
  const wrong = rows.filter((row) => {
    const numbers = row.species.map((symbol) => atomicNumber(symbol)!);
    const structure = createStructure(createLattice(row.lattice.flat()), numbers, row.frac_coords.flat());
    return properties(structure)[7] !== crystalSystemNumber(row.space_group);
  });
  expect(wrong.length / rows.length).toBeLessThan(0.01);
});
