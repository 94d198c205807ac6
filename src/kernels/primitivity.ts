import { createLattice, inverse3, multiply3 } from '../model/lattice.ts';
import { createStructure, type Structure } from '../model/structure.ts';
import { reduceLattice } from './lattice-reduction.ts';
import { elementCounts, SiteMatcher } from './site-matcher.ts';
import { StepBudget } from './step-budget.ts';

/** Misfits that differ by less than this, in Angstrom, differ by rounding only: take both or neither. */
export const MISFIT_TIE_ANGSTROM = 1e-6;

/** The costs of following one generator from one site, and of folding one site, in budget steps (measured). */
const STEPS_PER_IMAGE = 8;
const STEPS_PER_FOLDED = 100;

const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1];

interface Translation {
  /** The site to which it moves site 0. */
  readonly target: number;
  /** Angstrom. */
  readonly misfit: number;
  /** number[3], fractional. */
  readonly vector: readonly number[];
  /** Int32Array[n], the site to which it moves each site. */
  readonly image: Int32Array;
}

/**
 * The number of primitive cells in a cell.
 *
 * Method: the result is 1 if the elements' site counts have no common divisor; otherwise it is the order of the group
 * of pure translations modulo the lattice. A translation counts if it moves each site to within the tolerance of a site
 * of the same element, measured from the mean misfit. If those translations are not a group, the tolerance is lowered
 * until they are, as in spglib.
 * Source: Togo, Shinohara & Tanaka, arXiv:1808.01590; gcd shortcut: a translation permutes the sites and leaves none in
 * place.
 * Shapes: `symprecAngstrom` in Angstrom.
 * Returns: a whole number, at least 1.
 * Ensures: the result does not depend on origin, site order or choice of lattice vectors; a k-fold supercell has k
 * times as many.
 * Errors: RejectedInput `too_costly` if the budget is exceeded.
 * Known value: 4 for a conventional fcc cell, 2 for a bcc one, 8 for a 2 x 2 x 2 supercell of a primitive cell.
 */
export function primitiveCellMultiplicity(
  structure: Structure,
  symprecAngstrom: number,
  budget = new StepBudget(structure.atomicNumbers.length),
): number {
  if (elementCounts(structure.atomicNumbers).divisor === 1) return 1;
  const matcher = new SiteMatcher(structure, symprecAngstrom, false, budget);
  return translationGroup(matcher, symprecAngstrom, budget).order;
}

/**
 * A primitive cell of the structure, with each site averaged over its copies; the structure itself if it is primitive.
 *
 * Method: the cell's vectors and the pure translations of `primitiveCellMultiplicity` generate the lattice; integer row
 * reduction of their coefficients gives a basis.
 * Source: Cohen, A Course in Computational Algebraic Number Theory (1993), Algorithm 2.4.4 (Hermite normal form).
 * Returns: a structure of volume V / k with n / k sites and a reduced lattice.
 * Known value: conventional NaCl (8 sites) gives 2 sites in a quarter of the volume.
 */
export function primitiveCell(
  structure: Structure,
  symprecAngstrom: number,
  budget = new StepBudget(structure.atomicNumbers.length),
): Structure {
  if (elementCounts(structure.atomicNumbers).divisor === 1) return structure;
  const matcher = new SiteMatcher(structure, symprecAngstrom, false, budget);
  const { order, generators } = translationGroup(matcher, symprecAngstrom, budget);
  if (order === 1) return structure;
  const { basis, numbers, coords } = fold(matcher, order, generators, budget);
  return createStructure(createLattice(basis), numbers, coords);
}

interface TranslationGroup {
  /** The number of translations modulo the lattice, including the identity. */
  readonly order: number;
  readonly generators: readonly Translation[];
}

const PRIMITIVE: TranslationGroup = { order: 1, generators: [] };

function translationGroup(matcher: SiteMatcher, tolerance: number, budget: StepBudget): TranslationGroup {
  const generators: Translation[] = [];
  let group = Int32Array.of(0);
  let known = new Set<number>(group);
  let misfitBound = 0;
  for (let target = 1; target < matcher.rareCount; target++) {
    if (known.has(target)) continue;
    const found = translationTo(matcher, target);
    if (found === undefined || found.misfit > tolerance) continue;
    generators.push(found);
    const larger = orbit(0, generators, budget);
    misfitBound += found.misfit * (larger.length / group.length - 1);
    group = larger;
    known = new Set(group);
  }
  const order = group.length;
  if (order === 1) return PRIMITIVE;
  // The misfit of a combination is at most the sum of its parts' misfits, and never exceeds the spread. Usually one of
  // these two bounds decides.
  const divides = matcher.countDivisor % order === 0;
  const isWithin = () =>
    misfitBound <= tolerance || fold(matcher, order, generators, budget).spread * Math.SQRT2 <= tolerance;
  const result = divides && isWithin() ? { order, generators } : largestGroup(matcher, group, tolerance, budget);
  // Sites nearer to each other than the tolerance can be mapped in ways that are not a translation group.
  return matcher.countDivisor % result.order === 0 ? result : PRIMITIVE;
}

function translationTo(matcher: SiteMatcher, target: number): Translation | undefined {
  const misfit = matcher.misfit(IDENTITY, 0, target);
  if (misfit === Number.POSITIVE_INFINITY) return undefined;
  return { target, misfit, vector: [...matcher.translation], image: matcher.image.slice() };
}

/** Takes translations sorted by misfit; keeps the largest set within the tolerance that is a group. */
function largestGroup(
  matcher: SiteMatcher,
  targets: Int32Array,
  tolerance: number,
  budget: StepBudget,
): TranslationGroup {
  const candidates = [];
  for (const target of targets) {
    const misfit = target === 0 ? 0 : matcher.misfit(IDENTITY, 0, target);
    if (misfit <= tolerance) candidates.push({ target, misfit });
  }
  candidates.sort((p, q) => p.misfit - q.misfit);
  const generators: Translation[] = [];
  let best = PRIMITIVE;
  let group = new Set([0]);
  for (let i = 0; i < candidates.length; i++) {
    const { target, misfit } = candidates[i]!;
    if (!group.has(target)) {
      const found = translationTo(matcher, target);
      if (found === undefined) break;
      generators.push(found);
      group = new Set(orbit(0, generators, budget));
    }
    const next = candidates[i + 1]?.misfit ?? Number.POSITIVE_INFINITY;
    if (group.size === i + 1 && next > misfit + MISFIT_TIE_ANGSTROM) {
      best = { order: group.size, generators: generators.slice() };
    }
  }
  return best;
}

/** All sites that the translations reach from a site, the site itself first. */
function orbit(site: number, generators: readonly Translation[], budget: StepBudget): Int32Array<ArrayBuffer> {
  const reached = [site];
  const known = new Set(reached);
  for (let i = 0; i < reached.length; i++) {
    budget.spend(STEPS_PER_IMAGE * generators.length, 'symmetry');
    for (const { image } of generators) {
      const next = image[reached[i]!]!;
      if (known.has(next)) continue;
      known.add(next);
      reached.push(next);
    }
  }
  return Int32Array.from(reached);
}

/** Reduces integer rows of three to three upper triangular rows that generate the same lattice. */
function rowReduce(numbers: readonly number[]): number[] {
  const rows = Array.from({ length: numbers.length / 3 }, (_, i) => numbers.slice(3 * i, 3 * i + 3));
  for (let column = 0; column < 3; column++) {
    for (let i = column + 1; i < rows.length; i++) {
      while (rows[i]![column] !== 0) {
        const quotient = Math.floor(rows[column]![column]! / rows[i]![column]!);
        const rest = rows[column]!.map((x, k) => x - quotient * rows[i]![k]!);
        rows[column] = rows[i]!;
        rows[i] = rest;
      }
    }
  }
  return rows.slice(0, 3).flat();
}

interface Folded {
  /** Float64Array[9], the primitive lattice, reduced rows, Angstrom. */
  readonly basis: Float64Array;
  readonly numbers: readonly number[];
  readonly coords: readonly number[];
  /** The largest distance between two sites of an orbit, in Angstrom, after moving them into one primitive cell. */
  readonly spread: number;
}

function fold(matcher: SiteMatcher, order: number, generators: readonly Translation[], budget: StepBudget): Folded {
  budget.spend(STEPS_PER_FOLDED * matcher.count, 'symmetry');
  const rows = IDENTITY.map((x) => x * order);
  for (const { vector } of generators) rows.push(...vector.map((x) => Math.round(x * order)));
  const coefficients = rowReduce(rows).map((x) => x / order);
  const basis = reduceLattice(multiply3(coefficients, matcher.basis)).matrix;
  const toPrimitive = multiply3(matcher.basis, inverse3(basis));
  const done = new Uint8Array(matcher.count);
  const [numbers, coords]: [number[], number[]] = [[], []];
  let radius = 0;
  for (let site = 0; site < matcher.count; site++) {
    if (done[site] === 1) continue;
    const members = orbit(site, generators, budget);
    for (const member of members) done[member] = 1;
    const positions = foldedPositions(matcher.frac, members, toPrimitive);
    const mean = [0, 1, 2].map((k) => positions.reduce((sum, x) => sum + x[k]!, 0) / positions.length);
    for (const x of positions) radius = Math.max(radius, cartesianDistance(x, mean, basis));
    numbers.push(matcher.atomicNumbers[site]!);
    coords.push(...mean);
  }
  return { basis, numbers, coords, spread: 2 * radius };
}

/** Fractional coordinates of the sites in another basis; each site is given in its image nearest to the first site. */
function foldedPositions(frac: Float64Array, sites: Int32Array, toBasis: Float64Array): number[][] {
  const inBasis = (i: number) =>
    [0, 1, 2].map(
      (k) => frac[3 * i]! * toBasis[k]! + frac[3 * i + 1]! * toBasis[3 + k]! + frac[3 * i + 2]! * toBasis[6 + k]!,
    );
  const first = inBasis(sites[0]!);
  return Array.from(sites, (site) => inBasis(site).map((x, k) => x - Math.round(x - first[k]!)));
}

function cartesianDistance(p: readonly number[], q: readonly number[], basis: Float64Array): number {
  const [u, v, w] = [p[0]! - q[0]!, p[1]! - q[1]!, p[2]! - q[2]!];
  const along = (k: number) => u * basis[k]! + v * basis[3 + k]! + w * basis[6 + k]!;
  return Math.hypot(along(0), along(1), along(2));
}
