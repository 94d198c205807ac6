import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readStructures } from '../../../../src/adapters/sources/files/read-structures.ts';
import type { StructureItem } from '../../../../src/formats/input-unit.ts';
import { elementSymbol } from '../../../../src/model/element-symbols.ts';
import type { Material } from '../../../../src/model/material.ts';

const FIXTURES = fileURLToPath(new URL('../../../fixtures/structures/', import.meta.url));

async function read(path: string): Promise<StructureItem[]> {
  const items: StructureItem[] = [];
  for await (const item of readStructures(`${FIXTURES}${path}`)) items.push(item);
  return items;
}

async function materials(path: string): Promise<Material[]> {
  return (await read(path)).map((item) => {
    if (item.kind === 'rejection') throw new Error(item.rejection.message);
    return item.material;
  });
}

const elements = (material: Material) => Array.from(material.structure.atomicNumbers, elementSymbol).join(' ');

describe('accepted fixtures', () => {
  it('reads a folder in the order of names, with an id for each structure', async () => {
    expect((await materials('accepted')).map(({ id }) => id)).toEqual([
      'pymatgen#1',
      'mp-made-up',
      'row-1',
      'row-é',
      'row-3',
      'run-1',
      'rutile',
      'silicon',
      'two-blocks#CsCl',
      'two-blocks#quartz',
    ]);
  });

  it('CIF: applies symmetry operations and keeps special positions once', async () => {
    const [rutile] = await materials('accepted/rutile.cif');
    expect(elements(rutile!)).toBe('Ti Ti O O O O');
    expect(rutile!.structure.lattice.volume).toBeCloseTo(4.5937 ** 2 * 2.9587, 9);
    expect(Array.from(rutile!.structure.fracCoords.slice(0, 6))).toEqual([0, 0, 0, 0.5, 0.5, 0.5]);
    expect(rutile!.spaceGroup).toBeUndefined();
  });

  it('CIF: expands a space group that is only named, in the setting of the cell', async () => {
    const [cesiumChloride, quartz] = await materials('accepted/two-blocks.cif');
    expect(elements(cesiumChloride!)).toBe('Cs Cl');
    expect(elements(quartz!)).toBe('Si Si Si O O O O O O');
    // Each silicon has four oxygens at 1.61 Angstrom: a wrong axis or origin would tear the tetrahedra apart.
    const distances = siliconOxygenDistances(quartz!);
    expect(distances.filter((d) => d < 1.7)).toHaveLength(12);
    expect(Math.min(...distances)).toBeGreaterThan(1.55);
  });

  it('POSCAR: volume as scale, selective dynamics, names as VASP 6 writes them', async () => {
    const [silicon] = await materials('accepted/silicon.poscar');
    expect(elements(silicon!)).toBe('Si Si');
    expect(silicon!.structure.lattice.volume).toBeCloseTo(160.1, 9);
    expect(silicon!.structure.fracCoords[3]).toBe(0.25);
  });

  it('CONTCAR: elements from the comment, Cartesian positions scaled, velocities ignored', async () => {
    const [salt] = await materials('accepted/run-1/CONTCAR');
    expect(salt!.id).toBe('run-1');
    expect(elements(salt!)).toBe('Na Cl');
    const expected = [-0.5, 0.5, 0.5];
    for (const [i, x] of Array.from(salt!.structure.fracCoords.slice(3)).entries())
      expect(x).toBeCloseTo(expected[i]!, 12);
  });

  it('pymatgen JSON: a list, oxidation states, entries that hold a structure', async () => {
    const [wustite, polonium] = await materials('accepted/pymatgen.json');
    expect(elements(wustite!)).toBe('Fe O');
    expect(elements(polonium!)).toBe('Po');
  });

  it('JSON lines: known properties, null as unknown, deuterium as hydrogen', async () => {
    const [first, second, third] = await materials('accepted/rows.jsonl');
    expect(first).toMatchObject({ spaceGroup: 221, formationEnergyPerAtom: -2, bandGap: 5 });
    expect(first).not.toHaveProperty('energyAboveHull');
    expect(elements(second!)).toBe('H');
    expect(second!.structure.fracCoords[2]).toBe(-1.5);
    expect(third!.energyAboveHull).toBe(0.25);
  });
});

function siliconOxygenDistances({ structure }: Material): number[] {
  const { atomicNumbers: z, fracCoords: f, lattice } = structure;
  const m = lattice.matrix;
  const distances: number[] = [];
  for (let i = 0; i < z.length; i++) {
    for (let j = 0; j < z.length; j++) {
      if (z[i] !== 14 || z[j] !== 8) continue;
      for (let image = 0; image < 27; image++) {
        const shift = [(image % 3) - 1, (Math.floor(image / 3) % 3) - 1, Math.floor(image / 9) - 1];
        const d = [0, 1, 2].map((k) => f[3 * j + k]! - f[3 * i + k]! + shift[k]!);
        distances.push(Math.hypot(...[0, 1, 2].map((k) => d[0]! * m[k]! + d[1]! * m[3 + k]! + d[2]! * m[6 + k]!)));
      }
    }
  }
  return distances;
}

describe('rejected fixtures', () => {
  // Names and ids of the fixtures begin with the code that they must be refused with.
  const codeOf = (name: string) => name.replace(/^.*#/, '').split(/[-.]/)[0]!;

  it.each([
    'bad_encoding.cif',
    'bad_lattice-flat.vasp',
    'bad_lattice.vasp',
    'bad_number.vasp',
    'bad_syntax-counts.vasp',
    'bad_syntax-mode.vasp',
    'bad_syntax.cif',
    'bad_syntax.json',
    'missing_field.vasp',
    'no_sites.cif',
    'no_sites.json',
    'no_sites.vasp',
    'too_many_sites.vasp',
    'truncated.vasp',
    'unknown_element.vasp',
  ])('%s', async (name) => {
    const items = await read(`rejected/${name}`);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      kind: 'rejection',
      rejection: { code: codeOf(name), source: expect.stringContaining(name) },
    });
  });

  it('each block of a CIF is refused with its own reason', async () => {
    const items = await read('rejected/blocks.cif');
    expect(items).toHaveLength(29);
    for (const item of items) {
      if (item.kind === 'material') throw new Error(`${item.material.id} was accepted`);
      const { code, materialId, locator } = item.rejection;
      expect(`${locator}: ${code}`).toBe(`${locator}: ${codeOf(materialId!)}`);
      expect(`block data_${materialId!.replace('blocks#', '')}`).toBe(locator);
    }
  });

  it('each row is refused with its own reason, and names its line', async () => {
    const rejections = (await read('rejected/rows.jsonl')).flatMap((item) =>
      item.kind === 'rejection' ? item.rejection : [],
    );
    expect(rejections.map(({ code, locator }) => `${locator} ${code}`)).toEqual([
      'line 1 bad_syntax',
      'line 2 bad_syntax',
      ...[3, 4, 5, 6].map((line) => `line ${line} bad_number`),
      ...[7, 8, 9, 10].map((line) => `line ${line} bad_lattice`),
      'line 11 bad_id',
      'line 12 bad_id',
      ...[13, 14, 15, 16].map((line) => `line ${line} missing_field`),
      'line 17 out_of_range',
      'line 18 no_sites',
      'line 19 unknown_element',
      'line 20 unknown_element',
      'line 21 dummy_site',
      'line 22 partial_occupancy',
      'line 23 partial_occupancy',
      'line 25 duplicate_id',
      'line 26 duplicate_id',
    ]);
  });

  it('each entry of a JSON list is refused with its own reason', async () => {
    expect(await read('rejected/entries.json')).toMatchObject([
      { rejection: { code: 'bad_syntax', locator: 'entry 1' } },
      { rejection: { code: 'missing_field', locator: 'entry 2' } },
      { rejection: { code: 'missing_field', locator: 'entry 3', materialId: 'no-structure' } },
    ]);
  });
});
