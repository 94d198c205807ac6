import { hall_symbol_entry } from '@spglib/moyo-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { expandSites, type ListedSites } from '../../../src/formats/cif/expand-sites.ts';
import { type SpaceGroupName, spaceGroupOperations } from '../../../src/formats/cif/space-group-operations.ts';
import { isIdentity, parseSymmetryOperation, preservesCell } from '../../../src/formats/cif/symmetry-operation.ts';
import { latticeFromParameters } from '../../../src/model/lattice.ts';

const cell = (a: number, b: number, c: number, alpha = 90, beta = 90, gamma = 90) =>
  latticeFromParameters({ a, b, c, alpha, beta, gamma }).matrix;
const CUBIC = cell(5, 5, 5);
const HEXAGONAL = cell(5, 5, 13, 90, 90, 120);
const TRICLINIC = cell(5, 6, 7, 80, 95, 110);

describe('a symmetry operation', () => {
  it.each([
    ['x,y,z', [1, 0, 0, 0, 1, 0, 0, 0, 1], [0, 0, 0]],
    ['-Y, X-Y, Z+1/3', [0, -1, 0, 1, -1, 0, 0, 0, 1], [0, 0, 1 / 3]],
    ['1/2-y,+x+.5,0.3333+z', [0, -1, 0, 1, 0, 0, 0, 0, 1], [0.5, 0.5, 1 / 3]],
    ['-1*x, y, 2/4+z', [-1, 0, 0, 0, 1, 0, 0, 0, 1], [0, 0, 0.5]],
    ['x,y,z-0.123', [1, 0, 0, 0, 1, 0, 0, 0, 1], [0, 0, -0.123]],
  ])('%s', (text, rotation, translation) => {
    const operation = parseSymmetryOperation(text);
    expect(operation.rotation.map((r) => r + 0)).toEqual(rotation);
    expect(operation.translation).toEqual(translation);
  });

  it.each(['', 'x,y', 'x,y,z,t', 'x,y,w', 'x,y,', 'x y,z,x', 'x,y,0.5x', 'x,y,z+1/0', 'xy,z,x', 'x,y,z+', '+-x,y,z'])(
    '%j is refused',
    (text) => {
      expect(() => parseSymmetryOperation(text)).toThrow(expect.objectContaining({ code: 'bad_symmetry' }));
    },
  );

  it('knows whether it keeps a cell', () => {
    const threefold = parseSymmetryOperation('-y,x-y,z');
    expect(preservesCell(threefold, HEXAGONAL, 1e-9)).toBe(true);
    expect(preservesCell(threefold, CUBIC, 0.02)).toBe(false);
    expect(preservesCell(parseSymmetryOperation('z,x,y'), CUBIC, 1e-9)).toBe(true);
  });
});

describe('operations of a named space group', () => {
  const count = (name: SpaceGroupName, matrix: Float64Array) => spaceGroupOperations(name, matrix).length;

  it.each<[string, SpaceGroupName, Float64Array, number]>([
    ['short symbol', { hermannMauguin: 'F m -3 m' }, CUBIC, 192],
    ['no blanks', { hermannMauguin: 'Fm-3m' }, CUBIC, 192],
    ['old notation', { hermannMauguin: 'F m 3 m' }, CUBIC, 192],
    ['origin by number', { hermannMauguin: 'F d -3 m:2' }, CUBIC, 192],
    ['origin as in ICSD', { hermannMauguin: 'F d -3 m Z' }, CUBIC, 192],
    ['axes from the cell', { hermannMauguin: 'R -3 m' }, HEXAGONAL, 36],
    ['axes from the cell', { hermannMauguin: 'R -3 m' }, cell(5, 5, 5, 55, 55, 55), 12],
    ['axes by letter', { hermannMauguin: 'R -3 m :H' }, HEXAGONAL, 36],
    ['unique axis from the cell', { hermannMauguin: 'P 21/c' }, cell(5, 6, 7, 90, 105, 90), 4],
    ['full symbol', { hermannMauguin: 'P 1 21/n 1' }, cell(5, 6, 7, 90, 105, 90), 4],
    ['double glide', { hermannMauguin: 'C m c e' }, cell(5, 6, 7), 16],
    ['Hall symbol first', { hall: '-P 2ac 2n', hermannMauguin: 'P n m a' }, cell(5, 6, 7), 8],
    ['number alone', { number: 225 }, CUBIC, 192],
    ['number where the symbol is unknown', { hermannMauguin: 'F m m m m', number: 225 }, CUBIC, 192],
  ])('%s: %j', (_, name, matrix, expected) => {
    expect(count(name, matrix)).toBe(expected);
  });

  it.each<[string, SpaceGroupName, Float64Array]>([
    ['origin left open', { hermannMauguin: 'F d -3 m' }, CUBIC],
    ['axes left open', { number: 62 }, cell(5, 6, 7)],
    ['cell of another system', { hermannMauguin: 'F m -3 m' }, HEXAGONAL],
    ['no such group', { hermannMauguin: 'P 7' }, CUBIC],
    ['no such number', { number: 231 }, CUBIC],
  ])('refuses: %s', (_, name, matrix) => {
    expect(() => spaceGroupOperations(name, matrix)).toThrow(expect.objectContaining({ code: 'bad_symmetry' }));
  });

  describe('all 530 settings', () => {
    beforeAll(() => {
      spaceGroupOperations({ number: 2 }, TRICLINIC);
    });

    it('each Hall symbol gives a group in its cell', () => {
      for (let hall = 1; hall <= 530; hall++) {
        const { hall_symbol, number, setting } = hall_symbol_entry(hall);
        const isHexagonal = number >= 143 && number < 195 && setting !== 'R';
        const operations = spaceGroupOperations({ hall: hall_symbol }, isHexagonal ? HEXAGONAL : CUBIC);
        expect(operations.filter(isIdentity)).toHaveLength(1);
        const keys = new Set(operations.map(keyOf));
        expect(keys.size).toBe(operations.length);
        // Closed under composition; a few products tell.
        for (const a of operations.slice(0, 6))
          for (const b of operations) expect(keys).toContain(keyOf(product(a, b)));
      }
    });
  });
});

type Operation = ReturnType<typeof parseSymmetryOperation>;

function product(a: Operation, b: Operation): Operation {
  const axes = [0, 1, 2];
  const row = (i: number, column: readonly number[]) =>
    axes.reduce((sum, k) => sum + a.rotation[3 * i + k]! * column[k]!, 0);
  return {
    rotation: axes.flatMap((i) =>
      axes.map((j) =>
        row(
          i,
          axes.map((k) => b.rotation[3 * k + j]!),
        ),
      ),
    ),
    translation: axes.map((i) => row(i, b.translation) + a.translation[i]!),
  };
}

function keyOf({ rotation, translation }: Operation): string {
  return [...rotation.map((r) => r + 0), ...translation.map((t) => ((Math.round(24 * t) % 24) + 24) % 24)].join(' ');
}

describe('sites of the cell', () => {
  const listed = (...sites: [string, number, ...number[]][]): ListedSites => ({
    labels: sites.map(([label]) => label),
    atomicNumbers: Uint8Array.from(sites, ([, z]) => z),
    fracCoords: Float64Array.from(sites.flatMap(([, , ...x]) => x)),
  });
  const inversion = ['x,y,z', '-x,-y,-z'].map(parseSymmetryOperation);

  it('merges images on a special position, across the edge of the cell too', () => {
    const at = (x: number) => expandSites(listed(['Na', 11, x, 0.5, 0.99999]), inversion).atomicNumbers.length;
    expect(at(0)).toBe(1);
    expect(at(0.00004)).toBe(1);
    expect(at(0.99997)).toBe(1);
    expect(at(0.0002)).toBe(2);
  });

  it('merges an element listed as itself and as an image', () => {
    const { atomicNumbers, fracCoords } = expandSites(
      listed(['O1', 8, 0.1, 0.2, 0.3], ['O2', 8, 0.9, -0.2, 1.7]),
      inversion,
    );
    expect(atomicNumbers).toEqual([8, 8]);
    for (const x of fracCoords) expect(x).toBeGreaterThanOrEqual(0);
    for (const x of fracCoords) expect(x).toBeLessThan(1);
  });

  it('refuses two elements at one place, and more images than memory allows', () => {
    const two = listed(['Na1', 11, 0.1, 0.2, 0.3], ['K1', 19, 0.9, 0.8, 0.7]);
    expect(() => expandSites(two, inversion)).toThrow(expect.objectContaining({ code: 'overlapping_sites' }));
    const many = listed(
      ...Array.from({ length: 2000 }, (_, i): [string, number, ...number[]] => ['H', 1, i / 2000, 0, 0]),
    );
    const operations = spaceGroupOperations({ number: 225 }, CUBIC);
    expect(() =>
      expandSites(many, [
        ...operations,
        ...operations,
        ...operations,
        ...operations,
        ...operations,
        ...operations,
        ...operations,
        ...operations,
        ...operations,
        ...operations,
        ...operations,
      ]),
    ).toThrow(expect.objectContaining({ code: 'too_large' }));
    const general = listed(
      ...Array.from({ length: 200 }, (_, i): [string, number, ...number[]] => ['H', 1, i / 201 + 0.001, 0.123, 0.237]),
    );
    expect(() => expandSites(general, operations)).toThrow(expect.objectContaining({ code: 'too_many_sites' }));
  });
});
