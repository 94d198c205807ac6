import { ATOMIC_NUMBER_MAX } from '../model/element-symbols.ts';
import { faceDistances, inverse3 } from '../model/lattice.ts';
import type { Structure } from '../model/structure.ts';
import { reduceLattice } from './lattice-reduction.ts';
import type { StepBudget } from './step-budget.ts';

/** The costs, in steps (measured): per attempt, per site looked up, and per bin and site examined for it. */
const STEPS_PER_ATTEMPT = 100;
const STEPS_PER_LOOKUP = 20;
const STEPS_PER_BIN = 2;
const STEPS_PER_VISIT = 2;
/**
 * The number of sites at which attempts failed that are tried first: noise displaces a few sites so far that hardly any
 * attempt fits them.
 */
const SUSPECTS_MAX = 16;
/** Larger than rounding errors, so that no motion within the tolerance is lost. */
const WIDTH_SLACK = 1e-9;
/** Directions along which the spread of misfits is measured: axes and diagonals of a cube, unit vectors, row-major. */
const DIRECTION = Float64Array.from(
  [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [1, 1, 1],
    [1, 1, -1],
    [1, -1, 1],
    [-1, 1, 1],
  ].flatMap((v) => v.map((x) => x / Math.hypot(...v))),
);
const DIRECTIONS = DIRECTION.length / 3;

/**
 * Tells whether a rotation and a translation map a crystal onto itself, and how well.
 *
 * Method: look up each mapped site in a grid over the cell; measure the remaining misfits from their mean, so that no
 * site has a special role as the origin.
 * Source: the search of Togo, Shinohara & Tanaka, arXiv:1808.01590 (spglib); spglib measures from the first site, this
 * class from the mean, which makes the result independent of origin, site order and choice of cell.
 */
export class SiteMatcher {
  readonly count: number;
  /** The number of sites of the rarest element; these sites come first. */
  readonly rareCount: number;
  /** The greatest common divisor of the elements' site counts. */
  readonly countDivisor: number;
  /** Float64Array[9], row-major rows, Angstrom; the sites' fractional coordinates refer to it. */
  readonly basis: Float64Array;
  /** Float64Array[3n], row-major, in [0, 1). */
  readonly frac: Float64Array;
  /** Uint8Array[n]. */
  readonly atomicNumbers: Uint8Array;
  /** Int32Array[n], the site to which the last successful `misfit` moved each site. */
  readonly image: Int32Array;
  /** Float64Array[3], fractional: the translation of the last successful `misfit`, corrected by the mean misfit. */
  readonly translation = new Float64Array(3);

  private readonly reach: number;
  /** Twice the largest distance from the mean misfit, Angstrom. */
  private readonly widthMax: number;
  /** For each direction: the bounds of the attempt's misfits along it, Angstrom, and the sites that set them. */
  private readonly least = new Float64Array(DIRECTIONS);
  private readonly greatest = new Float64Array(DIRECTIONS);
  private readonly leastSite = new Int32Array(DIRECTIONS);
  private readonly greatestSite = new Int32Array(DIRECTIONS);
  private readonly misfits: Float64Array;
  private readonly taken: Uint8Array;
  private readonly grid: Grid;
  private readonly found = new Float64Array(3);
  /** Float64Array[12]: the rotation (row-major) and the translation (fractional) that `misfit` tries. */
  private readonly motion = new Float64Array(12);
  private readonly budget: StepBudget;
  /** Steps of the current attempt that are not yet charged to the budget. */
  private steps = 0;
  /** The sites at which attempts failed, most recent first: a displaced atom fails every attempt, so try it first. */
  private readonly suspects = [0];

  /**
   * @param tolerance the largest misfit of interest, Angstrom
   * @param reduced whether `basis` must be Minkowski-reduced; if not, the structure's own basis may be used
   */
  constructor(structure: Structure, tolerance: number, reduced: boolean, budget: StepBudget) {
    this.budget = budget;
    this.count = structure.atomicNumbers.length;
    // A site may be off by tolerance / sqrt(2) from the mean, and so may the site that gave the translation.
    this.reach = Math.SQRT2 * tolerance;
    this.widthMax = this.reach * (1 + WIDTH_SLACK);
    const { order, rareCount, divisor } = sortByRarity(structure.atomicNumbers);
    this.rareCount = rareCount;
    this.countDivisor = divisor;
    this.atomicNumbers = Uint8Array.from(order, (i) => structure.atomicNumbers[i]!);
    const transform =
      reduced || !isWide(structure.lattice.matrix, this.reach) ? reduceLattice(structure.lattice.matrix) : undefined;
    this.basis = transform?.matrix ?? structure.lattice.matrix;
    this.frac = wrapped(structure.fracCoords, order, transform && inverse3(transform.transform).map(Math.round));
    this.image = new Int32Array(this.count);
    this.misfits = new Float64Array(3 * this.count);
    this.taken = new Uint8Array(this.count);
    this.grid = createGrid(this.basis, this.frac, this.reach, budget);
  }

  /**
   * The largest distance of a mapped site from a site of its element, Angstrom, when `site` moves to `target`. It is
   * sqrt(2) times the distance from the mean misfit: symprec bounds the misfit relative to one site, and the difference
   * of two independent misfits is sqrt(2) times as large as either in the root mean square. The result is infinite if
   * the distance surely exceeds the tolerance.
   * @param rotation number[9], row-major integers: it maps the fractional row vector x to x.rotation
   */
  misfit(rotation: ArrayLike<number>, site: number, target: number): number {
    const { frac, motion, found, image, misfits, taken } = this;
    this.steps += STEPS_PER_ATTEMPT;
    motion.set(rotation);
    for (let k = 0; k < 3; k++) motion[9 + k] = frac[3 * target + k]! - this.turned(site, k);
    this.least.fill(Number.POSITIVE_INFINITY);
    this.greatest.fill(Number.NEGATIVE_INFINITY);
    if (this.hasSuspectFailed()) return Number.POSITIVE_INFINITY;
    taken.fill(0);
    let [sx, sy, sz] = [0, 0, 0];
    for (let i = 0; i < this.count; i++) {
      const j = this.partnerOf(i);
      if (j < 0 || taken[j] === 1 || this.isTooWide(i)) {
        if (j < 0) this.suspect(i);
        this.spendSteps();
        return Number.POSITIVE_INFINITY;
      }
      taken[j] = 1;
      image[i] = j;
      misfits[3 * i] = found[0]!;
      misfits[3 * i + 1] = found[1]!;
      misfits[3 * i + 2] = found[2]!;
      sx += found[0]!;
      sy += found[1]!;
      sz += found[2]!;
    }
    this.spendSteps();
    return this.centred(sx / this.count, sy / this.count, sz / this.count);
  }

  private spendSteps(): void {
    const { steps } = this;
    this.steps = 0;
    this.budget.spend(steps, 'symmetry');
  }

  /** Component k of a site's rotated coordinates. */
  private turned(i: number, k: number): number {
    const { frac, motion } = this;
    return frac[3 * i]! * motion[k]! + frac[3 * i + 1]! * motion[3 + k]! + frac[3 * i + 2]! * motion[6 + k]!;
  }

  private partnerOf(i: number): number {
    const { motion, atomicNumbers } = this;
    return this.siteAt(
      this.turned(i, 0) + motion[9]!,
      this.turned(i, 1) + motion[10]!,
      this.turned(i, 2) + motion[11]!,
      atomicNumbers[i]!,
    );
  }

  private hasSuspectFailed(): boolean {
    const { suspects } = this;
    for (let s = 0; s < suspects.length; s++) {
      const site = suspects[s]!;
      const isFound = this.partnerOf(site) >= 0;
      if (isFound && !this.isTooWide(site)) continue;
      if (!isFound) this.suspect(site);
      this.spendSteps();
      return true;
    }
    this.spendSteps();
    return false;
  }

  /**
   * Adds the latest misfit to those of this attempt. Returns whether they are now too far apart for any mean to fit; if
   * so, marks the two extreme sites as suspects.
   */
  private isTooWide(site: number): boolean {
    const { found, least, greatest, leastSite, greatestSite } = this;
    for (let d = 0; d < DIRECTIONS; d++) {
      const x = found[0]! * DIRECTION[3 * d]! + found[1]! * DIRECTION[3 * d + 1]! + found[2]! * DIRECTION[3 * d + 2]!;
      if (x < least[d]!) {
        least[d] = x;
        leastSite[d] = site;
      }
      if (x > greatest[d]!) {
        greatest[d] = x;
        greatestSite[d] = site;
      }
      if (greatest[d]! - least[d]! <= this.widthMax) continue;
      this.suspect(leastSite[d]!);
      this.suspect(greatestSite[d]!);
      return true;
    }
    return false;
  }

  /** Moves a site to the head of the suspects. */
  private suspect(site: number): void {
    const { suspects } = this;
    const known = suspects.indexOf(site);
    if (known >= 0) suspects.splice(known, 1);
    else if (suspects.length === SUSPECTS_MAX) suspects.pop();
    suspects.unshift(site);
  }

  private centred(mx: number, my: number, mz: number): number {
    const inverse = this.grid.inverse;
    for (let k = 0; k < 3; k++) {
      this.translation[k] = this.motion[9 + k]! + mx * inverse[k]! + my * inverse[3 + k]! + mz * inverse[6 + k]!;
    }
    const { misfits } = this;
    let worst = 0;
    for (let i = 0; i < misfits.length; i += 3) {
      const [dx, dy, dz] = [misfits[i]! - mx, misfits[i + 1]! - my, misfits[i + 2]! - mz];
      worst = Math.max(worst, dx * dx + dy * dy + dz * dz);
    }
    return Math.SQRT2 * Math.sqrt(worst);
  }

  /** The site of an element nearest to a point and within reach, or -1; `found` is the vector from the point to it. */
  private siteAt(pu: number, pv: number, pw: number, z: number): number {
    const { basis: b, frac, atomicNumbers, found, grid } = this;
    const [u, v, w] = [pu - Math.floor(pu), pv - Math.floor(pv), pw - Math.floor(pw)];
    const { start, sites, na, nb, nc } = grid;
    const [a0, a1] = [Math.floor((u - grid.reachA) * na), Math.floor((u + grid.reachA) * na)];
    const [b0, b1] = [Math.floor((v - grid.reachB) * nb), Math.floor((v + grid.reachB) * nb)];
    const [c0, c1] = [Math.floor((w - grid.reachC) * nc), Math.floor((w + grid.reachC) * nc)];
    let best = this.reach * this.reach;
    let nearest = -1;
    let steps = STEPS_PER_LOOKUP;
    for (let ia = a0; ia <= Math.min(a1, a0 + na - 1); ia++) {
      for (let ib = b0; ib <= Math.min(b1, b0 + nb - 1); ib++) {
        for (let ic = c0; ic <= Math.min(c1, c0 + nc - 1); ic++) {
          const bin = (modulo(ia, na) * nb + modulo(ib, nb)) * nc + modulo(ic, nc);
          steps += STEPS_PER_BIN + STEPS_PER_VISIT * (start[bin + 1]! - start[bin]!);
          for (let s = start[bin]!; s < start[bin + 1]!; s++) {
            const j = sites[s]!;
            if (atomicNumbers[j] !== z) continue;
            let [du, dv, dw] = [frac[3 * j]! - u, frac[3 * j + 1]! - v, frac[3 * j + 2]! - w];
            du -= Math.round(du);
            dv -= Math.round(dv);
            dw -= Math.round(dw);
            const x = du * b[0]! + dv * b[3]! + dw * b[6]!;
            const y = du * b[1]! + dv * b[4]! + dw * b[7]!;
            const zz = du * b[2]! + dv * b[5]! + dw * b[8]!;
            const d2 = x * x + y * y + zz * zz;
            if (d2 > best) continue;
            best = d2;
            nearest = j;
            found[0] = x;
            found[1] = y;
            found[2] = zz;
          }
        }
      }
    }
    this.steps += steps;
    return nearest;
  }
}

/** The number of sites of each element (index: atomic number), and the greatest common divisor of these numbers. */
export function elementCounts(atomicNumbers: Uint8Array): { counts: Int32Array; divisor: number } {
  const counts = new Int32Array(ATOMIC_NUMBER_MAX + 1);
  for (let i = 0; i < atomicNumbers.length; i++) counts[atomicNumbers[i]!]!++;
  let divisor = 0;
  for (let z = 1; z < counts.length && divisor !== 1; z++) {
    let [p, q] = [counts[z]!, divisor];
    while (p !== 0) [p, q] = [q % p, p];
    divisor = q;
  }
  return { counts, divisor };
}

/** Sorts sites by the rarity of their element, then by atomic number, then by index. */
function sortByRarity(z: Uint8Array): { order: Int32Array; rareCount: number; divisor: number } {
  const { counts, divisor } = elementCounts(z);
  const elements: number[] = [];
  for (let e = 1; e < counts.length; e++) if (counts[e]! > 0) elements.push(e);
  elements.sort((e, f) => counts[e]! - counts[f]! || e - f);
  const rareCount = counts[elements[0]!]!;
  const next = new Int32Array(counts.length);
  for (let i = 1; i < elements.length; i++) next[elements[i]!] = next[elements[i - 1]!]! + counts[elements[i - 1]!]!;
  const order = new Int32Array(z.length);
  for (let i = 0; i < z.length; i++) order[next[z[i]!]!++] = i;
  return { order, rareCount, divisor };
}

/** Whether rounding fractional differences finds the nearest image of all points within reach. */
function isWide(basis: ArrayLike<number>, reach: number): boolean {
  return Math.min(...faceDistances(inverse3(basis))) > 2 * reach * (1 + 1e-9);
}

function wrapped(frac: Float64Array, order: Int32Array, toReduced: Float64Array | undefined): Float64Array {
  const out = new Float64Array(frac.length);
  const r = toReduced ?? [1, 0, 0, 0, 1, 0, 0, 0, 1];
  for (let i = 0; i < order.length; i++) {
    const at = 3 * order[i]!;
    for (let k = 0; k < 3; k++) {
      const value = frac[at]! * r[k]! + frac[at + 1]! * r[3 + k]! + frac[at + 2]! * r[6 + k]!;
      const rest = value - Math.floor(value);
      // -1e-17 wraps to 1, which is not in [0, 1).
      out[3 * i + k] = rest < 1 ? rest : 0;
    }
  }
  return out;
}

interface Grid {
  readonly inverse: Float64Array;
  readonly na: number;
  readonly nb: number;
  readonly nc: number;
  /** The reach along each axis, fractional. */
  readonly reachA: number;
  readonly reachB: number;
  readonly reachC: number;
  /** Int32Array[bins + 1]: the sites of bin i are `sites[start[i]]` to before `sites[start[i + 1]]`. */
  readonly start: Int32Array;
  readonly sites: Int32Array;
}

/** Bins that hold about one site each and are no narrower than the reach. */
function createGrid(basis: Float64Array, frac: Float64Array, reach: number, budget: StepBudget): Grid {
  const count = frac.length / 3;
  const inverse = inverse3(basis);
  const widths = faceDistances(inverse);
  const binWidth = Math.max(2 * reach, Math.cbrt((widths[0] * widths[1] * widths[2]) / count));
  const binsAlong = (k: 0 | 1 | 2) => Math.max(1, Math.min(Math.floor(widths[k] / binWidth), count)) | 0;
  const [na, nb, nc] = [binsAlong(0), binsAlong(1), binsAlong(2)];
  budget.spend(na * nb * nc, 'symmetry');
  const start = new Int32Array(na * nb * nc + 1);
  const sites = new Int32Array(count);
  const binOf = (i: number) =>
    (Math.floor(frac[3 * i]! * na) * nb + Math.floor(frac[3 * i + 1]! * nb)) * nc + Math.floor(frac[3 * i + 2]! * nc);
  for (let i = 0; i < count; i++) start[binOf(i) + 1]!++;
  for (let i = 1; i < start.length; i++) start[i]! += start[i - 1]!;
  const next = start.slice();
  for (let i = 0; i < count; i++) sites[next[binOf(i)]!++] = i;
  const [reachA, reachB, reachC] = [reach / widths[0], reach / widths[1], reach / widths[2]];
  return { inverse, na, nb, nc, reachA, reachB, reachC, start, sites };
}

function modulo(i: number, n: number): number {
  const rest = i % n;
  return rest < 0 ? rest + n : rest;
}
