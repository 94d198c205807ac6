import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { materialsOf } from '../../src/adapters/sources/files/materials-of.ts';
import { writeCif } from '../../src/formats/cif/write-cif.ts';
import type { DocumentUnit, StructureItem } from '../../src/formats/input-unit.ts';
import { writePymatgen } from '../../src/formats/json/write-pymatgen.ts';
import { writePoscar } from '../../src/formats/poscar/write-poscar.ts';
import { rightHanded } from '../../src/formats/written-sites.ts';
import { elementSymbol } from '../../src/model/element-symbols.ts';
import { createLattice, determinant3, latticeParameters } from '../../src/model/lattice.ts';
import { REJECTION_CODES } from '../../src/model/rejection.ts';
import { createStructure, type Structure } from '../../src/model/structure.ts';
import { randomCells } from '../support/random-crystals.ts';

type Format = DocumentUnit['format'] | 'rows';

/** Structures whose sites lie far enough apart that no reader merges them. */
const structures: fc.Arbitrary<Structure> = fc
  .record({
    diagonal: fc.array(fc.double({ min: 2, max: 9, noNaN: true }), { minLength: 3, maxLength: 3 }),
    shear: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
    sites: fc.uniqueArray(fc.record({ z: fc.integer({ min: 1, max: 118 }), cell: fc.integer({ min: 0, max: 999 }) }), {
      minLength: 1,
      maxLength: 12,
      selector: ({ cell }) => cell,
    }),
  })
  .map(({ diagonal: [a, b, c], shear: [p, q, r], sites }) => {
    const lattice = createLattice([a!, 0, 0, p!, b!, 0, q!, r!, c!]);
    const ordered = sites.toSorted((s, t) => s.z - t.z);
    const coords = ordered.flatMap(({ cell }) =>
      [cell % 10, Math.floor(cell / 10) % 10, Math.floor(cell / 100)].map((i) => i / 10 + 0.013),
    );
    return createStructure(
      lattice,
      ordered.map(({ z }) => z),
      coords,
    );
  });

const sitesOf = ({ atomicNumbers, fracCoords }: Structure) =>
  Array.from(atomicNumbers, (z, i) => ({
    symbol: elementSymbol(z),
    abc: Array.from(fracCoords.slice(3 * i, 3 * i + 3)),
  }));
const matrixOf = ({ lattice }: Structure) => [0, 3, 6].map((i) => Array.from(lattice.matrix.slice(i, i + 3)));

const writers: Readonly<Record<Format, (structure: Structure) => string>> = {
  cif: (structure) => writeCif(structure, 'a name'),
  poscar: (structure) => writePoscar(structure, 'a\ncomment'),
  json: writePymatgen,
  rows: (structure) => {
    const sites = sitesOf(structure);
    const row = { material_id: 'x', lattice: matrixOf(structure), species: sites.map(({ symbol }) => symbol) };
    return `${JSON.stringify({ ...row, frac_coords: sites.map(({ abc }) => abc) })}\n`;
  },
};

function read(format: Format, bytes: Uint8Array<ArrayBuffer>): StructureItem[] {
  if (format === 'rows') return [...materialsOf({ kind: 'rows', source: 's', firstLine: 1, bytes })];
  return [...materialsOf({ kind: 'document', source: 's', format, bytes, idHint: 'x' })];
}

const FORMATS = Object.keys(writers) as Format[];

describe('what is written is read back', () => {
  it.each(FORMATS)('%s', (format) => {
    fc.assert(
      fc.property(structures, (structure) => {
        const [item, ...others] = read(format, Uint8Array.from(Buffer.from(writers[format](structure))));
        expect(others).toEqual([]);
        if (item?.kind !== 'material') throw new Error(item?.rejection.message);
        const found = item.material.structure;
        expect(found.atomicNumbers).toEqual(structure.atomicNumbers);
        // A CIF says nothing of the cell's orientation.
        const [expected, actual] = [structure, found].map(({ lattice }) =>
          Object.values(latticeParameters(lattice.matrix)),
        );
        for (const [i, value] of actual!.entries()) expect(value).toBeCloseTo(expected![i]!, 8);
        for (const [i, value] of found.fracCoords.entries()) expect(value).toBeCloseTo(structure.fracCoords[i]!, 12);
      }),
      { numRuns: 60 },
    );
  });
});

describe('rightHanded', () => {
  it('puts every atom where it was', () => {
    const cartesian = ({ lattice, fracCoords }: Structure) =>
      Array.from(fracCoords, (_, i) => {
        const [site, k] = [i - (i % 3), i % 3];
        return [0, 1, 2].reduce((sum, j) => sum + fracCoords[site + j]! * lattice.matrix[3 * j + k]!, 0);
      });
    fc.assert(
      fc.property(randomCells, (structure) => {
        const turned = rightHanded(structure);
        expect(determinant3(turned.lattice.matrix)).toBeCloseTo(Math.abs(determinant3(structure.lattice.matrix)), 8);
        const [before, after] = [structure, turned].map(cartesian);
        for (const [i, value] of after!.entries()) expect(value).toBeCloseTo(before![i]!, 8);
      }),
    );
  });
});

describe('whatever is read', () => {
  const edits = fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.integer({ min: 0, max: 40 }),
      insert: fc.oneof(
        fc.string({ maxLength: 8 }),
        fc.constantFrom(
          '\n;',
          "'",
          '"',
          'loop_',
          '\ndata_y\n',
          '_atom_site_label',
          '?',
          '.',
          '-',
          '0',
          '1e999',
          '[',
          '{',
          '\n',
          '\0',
          'NaN',
        ),
      ),
    }),
    { minLength: 1, maxLength: 6 },
  );

  it.each(FORMATS)('a damaged %s becomes materials and rejections, nothing else, at once', (format) => {
    fc.assert(
      fc.property(structures, edits, (structure, changes) => {
        let text = writers[format](structure);
        for (const { at, remove, insert } of changes) {
          const start = Math.floor(at * text.length);
          text = text.slice(0, start) + insert + text.slice(start + remove);
        }
        const started = performance.now();
        for (const item of read(format, Uint8Array.from(Buffer.from(text)))) {
          if (item.kind === 'rejection') {
            expect(REJECTION_CODES).toContain(item.rejection.code);
            expect(item.rejection.message.length).toBeLessThan(400);
          } else {
            expect(item.material.structure.fracCoords.every(Number.isFinite)).toBe(true);
          }
        }
        expect(performance.now() - started).toBeLessThan(2000);
      }),
      { numRuns: 300 },
    );
  });

  it.each(FORMATS)('random bytes as %s too', (format) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const item of read(format, Uint8Array.from(bytes))) expect(item.kind).toBe('rejection');
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, Format, (n: number) => string]>([
    ['blanks', 'cif', (n) => ' '.repeat(n)],
    ['line ends', 'cif', (n) => `data_x\n${'\n'.repeat(n)}`],
    ['underscores', 'cif', (n) => `data_x\n${'_'.repeat(n)}a 1\n`],
    ['digits', 'cif', (n) => `data_x\n_cell_length_a ${'1'.repeat(n)}x _atom_site_fract_x 0`],
    ['empty blocks', 'cif', (n) => 'data_\n'.repeat(n / 6)],
    ['broken blocks', 'cif', (n) => "data_\n'\n".repeat(n / 80)],
    [
      'atoms',
      'cif',
      (n) =>
        `${writeCif(createStructure(createLattice([3, 0, 0, 0, 3, 0, 0, 0, 3]), [1], [0, 0, 0]), 'x')
          .replaceAll(' 1\n', '\n')
          .replace('_atom_site_occupancy\n', '')}${'H H 0 0 0\n'.repeat(n / 10)}`,
    ],
    ['brackets', 'cif', (n) => `#\\#CIF_2.0\ndata_x\n_a ${'['.repeat(n)}`],
    ['symbols', 'poscar', (n) => `x\n1\n1 0 0\n0 1 0\n0 0 1\n${'Na '.repeat(n / 3)}\n`],
    ['digits', 'poscar', (n) => `x\n${'1'.repeat(n)}x\n`],
    ['brackets', 'json', (n) => '['.repeat(n)],
    ['brackets', 'rows', (n) => '['.repeat(n)],
    [
      'digits in a species',
      'rows',
      (n) =>
        `{"material_id":"x","lattice":[[3,0,0],[0,3,0],[0,0,3]],"species":["Fe${'1'.repeat(n)}x"],"frac_coords":[[0,0,0]]}`,
    ],
  ])('a megabyte of %s (%s) takes no long time', (_, format, text) => {
    const bytes = Uint8Array.from(Buffer.from(text(1_000_000)));
    const started = performance.now();
    let count = 0;
    for (const item of read(format, bytes)) if (item.kind === 'rejection') count++;
    expect(count).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
