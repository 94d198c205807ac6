import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reduceLattice } from '../../src/kernels/lattice-reduction.ts';
import { determinant3, multiply3 } from '../../src/model/lattice.ts';
import { unimodulars } from '../support/random-crystals.ts';

/** Relative to the squared length in question: equal lengths may come in either order. */
const TIE = 1e-9;
const CUBIC = [1, 0, 0, 0, 1, 0, 0, 0, 1];

const dot = (m: ArrayLike<number>, i: number, j: number) =>
  m[3 * i]! * m[3 * j]! + m[3 * i + 1]! * m[3 * j + 1]! + m[3 * i + 2]! * m[3 * j + 2]!;

/** What a Minkowski-reduced basis may not be, in words. */
function faultsOf(original: ArrayLike<number>): string[] {
  const { matrix: m, transform } = reduceLattice(original);
  const faults: string[] = [];
  if (Math.abs(determinant3(transform)) !== 1) faults.push(`determinant ${determinant3(transform)}`);
  if (!multiply3(transform, original).every((x, k) => x === m[k])) faults.push('matrix is not transform x original');
  for (const i of [0, 1]) if (dot(m, i, i) > dot(m, i + 1, i + 1) * (1 + TIE)) faults.push(`vector ${i} is too long`);
  if (Math.abs(dot(m, 0, 1)) > (0.5 + TIE) * dot(m, 0, 0)) faults.push('b can be shortened by a');
  for (let n = 0; n < 25; n++) {
    const [p, q] = [(n % 5) - 2, Math.floor(n / 5) - 2];
    const other = [0, 1, 2].map((k) => m[6 + k]! + p * m[k]! + q * m[3 + k]!);
    if (dot(other, 0, 0) < dot(m, 2, 2) * (1 - TIE)) faults.push(`c is longer than c + ${p} a + ${q} b`);
  }
  return faults;
}

const lengths = (m: ArrayLike<number>) => [0, 1, 2].map((i) => Math.sqrt(dot(m, i, i)));

const bases = fc
  .array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 9, maxLength: 9 })
  .filter((m) => Math.max(...lengths(m)) > 1e-3 && Math.abs(determinant3(m)) > 1e-3 * Math.max(...lengths(m)) ** 3);

describe('reduceLattice', () => {
  it('finds the unit cube in the rows (1,0,0), (7,1,0), (5,9,1)', () => {
    const { matrix } = reduceLattice([1, 0, 0, 7, 1, 0, 5, 9, 1]);
    expect(lengths(matrix)).toEqual([1, 1, 1]);
    expect(Math.abs(determinant3(matrix))).toBe(1);
  });

  it('leaves a reduced basis as it is, ties and handedness included', () => {
    const left = [0, 2, 2, 2, 0, 2, 2, 2, 0].map((x, k) => (k % 3 === 2 ? -x : x));
    for (const m of [CUBIC, left]) {
      const { matrix, transform } = reduceLattice(m);
      expect([...matrix]).toEqual(m);
      expect([...transform]).toEqual(CUBIC);
    }
  });

  it('reduces any basis, left-handed ones too', () => {
    fc.assert(
      fc.property(bases, (m) => {
        expect(faultsOf(m)).toEqual([]);
      }),
    );
  });

  it('finds the same lengths in other vectors of the same lattice', () => {
    fc.assert(
      fc.property(bases, unimodulars, (m, vectors) => {
        const other = multiply3(vectors, m);
        expect(faultsOf(other)).toEqual([]);
        const expected = lengths(reduceLattice(m).matrix);
        const found = lengths(reduceLattice(other).matrix);
        expect(found).toEqual(expected.map((length) => expect.closeTo(length, 8)));
      }),
    );
  });

  it.each([
    ['sheared by 100,000 cells', [1, 0, 0, 100_000, 1, 0, 0, 0, 1]],
    ['sheared twice', [1, 0, 0, 1000, 1, 0, 5000, 3000, 1]],
    ['a chain of shears', [1, 0, 0, 317, 1, 0, 99_999, 315, 1]],
  ])('undoes extreme skew: %s', (_, skew) => {
    const basis = [3, 0, 0, 0, 3.1, 0, 0.1, 0, 3.3];
    const skewed = multiply3(skew, basis);
    expect(faultsOf(skewed)).toEqual([]);
    expect(lengths(reduceLattice(skewed).matrix)).toEqual(lengths(basis).map((length) => expect.closeTo(length, 6)));
  });

  it('ends for edges of 100,000 and 0.001 Angstrom', () => {
    expect(faultsOf([99_999, 0, 0, 0, 0.001, 0, 12_345.678, 0.0004, 1])).toEqual([]);
  });
});
