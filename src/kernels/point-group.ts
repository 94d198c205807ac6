import { determinant3 } from '../model/lattice.ts';
import type { Structure } from '../model/structure.ts';
import { MISFIT_TIE_ANGSTROM } from './primitivity.ts';
import { SiteMatcher } from './site-matcher.ts';
import { StepBudget } from './step-budget.ts';

/** An integer 3 x 3 matrix, row-major: it maps the fractional row vector x to x.matrix. */
export type Rotation = readonly number[];

/** The cost of multiplying two rotations and looking up the product, in budget steps (measured). */
const STEPS_PER_PRODUCT = 60;

/**
 * The point group of a crystal: all rotations, proper and improper, that are part of a symmetry operation.
 *
 * Method: try each isometry of the lattice (coefficients -1, 0, 1 suffice in a Minkowski-reduced basis), and with it
 * each translation that maps one site of the rarest element to another. The misfit is the largest change of an edge, a
 * face diagonal or a site's position. If the rotations within the tolerance are not a group, lower the tolerance until
 * they are.
 * Source: Togo, Shinohara & Tanaka, arXiv:1808.01590 (spglib); Grosse-Kunstleve, Acta Cryst. A55 (1999) 383,
 * DOI 10.1107/S0108767398010186.
 * Shapes: `primitive` must be primitive (see `primitiveCell`), otherwise rotations are missed; tolerance in Angstrom.
 * Returns: matrices in the reduced basis, including the identity.
 * Ensures: the result is a group and does not depend on origin, site order or choice of lattice vectors.
 * Errors: RejectedInput `too_costly` if the budget is exceeded.
 * Known value: 48 for NaCl and diamond, 24 for zincblende and hcp metals.
 */
export function pointGroup(
  primitive: Structure,
  symprecAngstrom: number,
  budget = new StepBudget(primitive.atomicNumbers.length),
): readonly Rotation[] {
  const matcher = new SiteMatcher(primitive, symprecAngstrom, true, budget);
  const found: { rotation: Rotation; misfit: number }[] = [];
  for (const lattice of latticeIsometries(matcher.basis, symprecAngstrom)) {
    const misfit = Math.max(lattice.misfit, bestMisfit(matcher, lattice.rotation));
    if (misfit <= symprecAngstrom) found.push({ rotation: lattice.rotation, misfit });
  }
  found.sort((p, q) => p.misfit - q.misfit);
  return largestGroup(found, budget);
}

function bestMisfit(matcher: SiteMatcher, rotation: Rotation): number {
  let best = Number.POSITIVE_INFINITY;
  for (let target = 0; target < matcher.rareCount; target++) {
    best = Math.min(best, matcher.misfit(rotation, 0, target));
    if (best < MISFIT_TIE_ANGSTROM) break;
  }
  return best;
}

const NEIGHBOURS = Array.from({ length: 27 }, (_, n) => [
  Math.floor(n / 9) - 1,
  (Math.floor(n / 3) % 3) - 1,
  (n % 3) - 1,
]);

/** The integer matrices of determinant +-1 that change every edge and face diagonal by at most the tolerance. */
function latticeIsometries(basis: Float64Array, tolerance: number): { rotation: Rotation; misfit: number }[] {
  const vectors = NEIGHBOURS.map((n) => ({
    n,
    x: [0, 1, 2].map((k) => n[0]! * basis[k]! + n[1]! * basis[3 + k]! + n[2]! * basis[6 + k]!) as [
      number,
      number,
      number,
    ],
  }));
  const edges = [0, 1, 2].map((k) => [basis[3 * k]!, basis[3 * k + 1]!, basis[3 * k + 2]!] as Vector);
  const [a, b, c] = edges as [Vector, Vector, Vector];
  const images = edges.map((edge) => vectors.filter(({ x }) => Math.abs(length(x) - length(edge)) <= tolerance));
  const found = [];
  for (const p of images[0]!) {
    for (const q of images[1]!) {
      const ab = diagonalMisfit(a, b, p.x, q.x);
      if (ab > tolerance) continue;
      for (const r of images[2]!) {
        const diagonals = Math.max(ab, diagonalMisfit(b, c, q.x, r.x), diagonalMisfit(a, c, p.x, r.x));
        const rotation = [...p.n, ...q.n, ...r.n];
        if (diagonals > tolerance || Math.abs(determinant3(rotation)) !== 1) continue;
        const edgeMisfit = Math.max(lengthChange(a, p.x), lengthChange(b, q.x), lengthChange(c, r.x));
        found.push({ rotation, misfit: Math.max(diagonals, edgeMisfit) });
      }
    }
  }
  return found;
}

type Vector = readonly [number, number, number];

function length(v: Vector): number {
  return Math.hypot(v[0], v[1], v[2]);
}

function lengthChange(v: Vector, w: Vector): number {
  return Math.abs(length(v) - length(w));
}

function diagonalMisfit(a: Vector, b: Vector, p: Vector, q: Vector): number {
  const sum = (v: Vector, w: Vector, sign: number): Vector => [
    v[0] + sign * w[0],
    v[1] + sign * w[1],
    v[2] + sign * w[2],
  ];
  return Math.max(lengthChange(sum(a, b, 1), sum(p, q, 1)), lengthChange(sum(a, b, -1), sum(p, q, -1)));
}

/** The longest prefix of the rotations, sorted by misfit, that is a group and separates no two of equal misfit. */
function largestGroup(
  found: readonly { rotation: Rotation; misfit: number }[],
  budget: StepBudget,
): readonly Rotation[] {
  for (let count = found.length; count > 1; count--) {
    const next = found[count]?.misfit ?? Number.POSITIVE_INFINITY;
    if (next <= found[count - 1]!.misfit + MISFIT_TIE_ANGSTROM) continue;
    const rotations = found.slice(0, count).map(({ rotation }) => rotation);
    const keys = new Set(rotations.map(String));
    budget.spend(STEPS_PER_PRODUCT * count, 'symmetry');
    const isClosed = rotations.every((p) => {
      budget.spend(STEPS_PER_PRODUCT * count, 'symmetry');
      return rotations.every((q) => keys.has(String(product(p, q))));
    });
    if (isClosed) return rotations;
  }
  return [[1, 0, 0, 0, 1, 0, 0, 0, 1]];
}

function product(p: Rotation, q: Rotation): number[] {
  const out = [];
  for (let i = 0; i < 9; i += 3) {
    for (let k = 0; k < 3; k++) out.push(p[i]! * q[k]! + p[i + 1]! * q[3 + k]! + p[i + 2]! * q[6 + k]! + 0);
  }
  return out;
}
