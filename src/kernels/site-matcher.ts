import { ATOMIC_NUMBER_MAX } from '../model/element-symbols.ts';
import { faceDistances, inverse3 } from '../model/lattice.ts';
import type { Structure } from '../model/structure.ts';
import { reduceLattice } from './lattice-reduction.ts';

/**
 * Looked-up sites per search, some 5 s of CPU: no search takes longer, whatever the cell. Only supercells of several
 * thousand sites come near it, and only where one defect, or thermal noise, makes each translation fail late.
 */
const LOOKUPS_MAX = 2e7;

/**
 * Says whether a rotation and a translation map a crystal onto itself, and how well.
 *
 * Method: each mapped site is looked up in a grid over the cell; the misfits that remain are measured from their mean,
 * so that no site is singled out as the origin.
 * Source: the search of Togo, Shinohara & Tanaka, arXiv:1808.01590 (spglib); the mean instead of spglib's first site
 * makes the answer independent of origin, site order and choice of cell.
 */
export class SiteMatcher {
  readonly count: number;
  /** The sites of the rarest element come first; there are so many of them. */
  readonly rareCount: number;
  /** The greatest common divisor of the numbers of sites of each element. */
  readonly countDivisor: number;
  /** Float64Array[9], row-major rows, Angstrom; the sites' fractional coordinates refer to it. */
  readonly basis: Float64Array;
  /** Float64Array[3n], row-major, in [0, 1). */
  readonly frac: Float64Array;
  /** Uint8Array[n]. */
  readonly atomicNumbers: Uint8Array;
  /** Int32Array[n], where the last successful `misfit` took each site. */
  readonly image: Int32Array;
  /** Float64Array[3], fractional: the translation of the last successful `misfit`, with the mean misfit taken out. */
  readonly translation = new Float64Array(3);

  private readonly reach: number;
  private readonly misfits: Float64Array;
  private readonly taken: Uint8Array;
  private readonly grid: Grid;
  private readonly found = new Float64Array(3);
  private lookups = 0;
  /** The site on which the last attempt failed: a displaced atom fails every attempt, so it is tried first. */
  private suspect = 0;

  /**
   * @param tolerance the largest misfit of interest, Angstrom
   * @param reduced whether `basis` must be Minkowski-reduced; otherwise it is the structure's own where that will do
   */
  constructor(structure: Structure, tolerance: number, reduced: boolean) {
    this.count = structure.atomicNumbers.length;
    // A site may be off by tolerance / sqrt(2) from the mean, and so may the one that gave the translation.
    this.reach = Math.SQRT2 * tolerance;
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
    this.grid = createGrid(this.basis, this.frac, this.reach);
  }

  /** Whether the search has used up its bound; from then on every `misfit` is infinite. */
  get exhausted(): boolean {
    return this.lookups > LOOKUPS_MAX;
  }

  /**
   * How far the worst mapped site ends from a site of its element, Angstrom, when `site` goes to `target`: sqrt(2) times
   * its distance from the mean misfit, because symprec bounds the misfit relative to one site, and the difference of two
   * independent misfits is sqrt(2) times as large as either in the root mean square. Infinite where some site has no
   * partner within reach.
   * @param rotation number[9], row-major integers: fractional row vectors x go to x.rotation
   */
  misfit(rotation: ArrayLike<number>, site: number, target: number): number {
    const { frac, image, misfits, found, taken } = this;
    const [r0, r1, r2, r3, r4, r5, r6, r7, r8] = rotation as unknown as number[];
    const turned = (k: number, a: number, b: number, c: number) =>
      frac[3 * site]! * a + frac[3 * site + 1]! * b + frac[3 * site + 2]! * c - frac[3 * target + k]!;
    const [tu, tv, tw] = [-turned(0, r0!, r3!, r6!), -turned(1, r1!, r4!, r7!), -turned(2, r2!, r5!, r8!)];
    taken.fill(0);
    let [sx, sy, sz] = [0, 0, 0];
    for (let n = -1; n < this.count; n++) {
      const i = n < 0 ? this.suspect : n;
      const [u, v, w] = [frac[3 * i]!, frac[3 * i + 1]!, frac[3 * i + 2]!];
      const j = this.siteAt(
        u * r0! + v * r3! + w * r6! + tu,
        u * r1! + v * r4! + w * r7! + tv,
        u * r2! + v * r5! + w * r8! + tw,
        this.atomicNumbers[i]!,
      );
      if (j < 0 || (n >= 0 && taken[j] === 1)) {
        this.suspect = i;
        return Number.POSITIVE_INFINITY;
      }
      if (n < 0) continue;
      taken[j] = 1;
      image[i] = j;
      misfits[3 * i] = found[0]!;
      misfits[3 * i + 1] = found[1]!;
      misfits[3 * i + 2] = found[2]!;
      sx += found[0]!;
      sy += found[1]!;
      sz += found[2]!;
    }
    return this.centred([tu, tv, tw], sx / this.count, sy / this.count, sz / this.count);
  }

  private centred(t: readonly number[], mx: number, my: number, mz: number): number {
    const inverse = this.grid.inverse;
    for (let k = 0; k < 3; k++) {
      this.translation[k] = t[k]! + mx * inverse[k]! + my * inverse[3 + k]! + mz * inverse[6 + k]!;
    }
    const { misfits } = this;
    let worst = 0;
    for (let i = 0; i < misfits.length; i += 3) {
      const [dx, dy, dz] = [misfits[i]! - mx, misfits[i + 1]! - my, misfits[i + 2]! - mz];
      worst = Math.max(worst, dx * dx + dy * dy + dz * dz);
    }
    return Math.SQRT2 * Math.sqrt(worst);
  }

  /** The site of an element nearest to a point within reach, or -1; `found` is the way from the point to it. */
  private siteAt(pu: number, pv: number, pw: number, z: number): number {
    if (this.lookups++ > LOOKUPS_MAX) return -1;
    const { basis: b, frac, atomicNumbers, found, grid } = this;
    const [u, v, w] = [pu - Math.floor(pu), pv - Math.floor(pv), pw - Math.floor(pw)];
    const { start, sites, na, nb, nc } = grid;
    const [a0, a1] = [Math.floor((u - grid.reachA) * na), Math.floor((u + grid.reachA) * na)];
    const [b0, b1] = [Math.floor((v - grid.reachB) * nb), Math.floor((v + grid.reachB) * nb)];
    const [c0, c1] = [Math.floor((w - grid.reachC) * nc), Math.floor((w + grid.reachC) * nc)];
    let best = this.reach * this.reach;
    let nearest = -1;
    for (let ia = a0; ia <= Math.min(a1, a0 + na - 1); ia++) {
      for (let ib = b0; ib <= Math.min(b1, b0 + nb - 1); ib++) {
        for (let ic = c0; ic <= Math.min(c1, c0 + nc - 1); ic++) {
          const bin = (modulo(ia, na) * nb + modulo(ib, nb)) * nc + modulo(ic, nc);
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
    return nearest;
  }
}

/** How often each element occurs (index: atomic number), and the greatest common divisor of those numbers. */
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

/** Sites by how rare their element is, then atomic number, then place. */
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

/** Whether rounding fractional differences finds the nearest image of all that lies within reach. */
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

/** Bins of about one site each, none narrower than the reach. */
function createGrid(basis: Float64Array, frac: Float64Array, reach: number): Grid {
  const count = frac.length / 3;
  const inverse = inverse3(basis);
  const widths = faceDistances(inverse);
  const binWidth = Math.max(2 * reach, Math.cbrt((widths[0] * widths[1] * widths[2]) / count));
  const [na, nb, nc] = widths.map((width) => Math.max(1, Math.min(Math.floor(width / binWidth), count))) as [
    number,
    number,
    number,
  ];
  const start = new Int32Array(na * nb * nc + 1);
  const sites = new Int32Array(count);
  const binOf = (i: number) =>
    (Math.floor(frac[3 * i]! * na) * nb + Math.floor(frac[3 * i + 1]! * nb)) * nc + Math.floor(frac[3 * i + 2]! * nc);
  for (let i = 0; i < count; i++) start[binOf(i) + 1]!++;
  for (let i = 1; i < start.length; i++) start[i]! += start[i - 1]!;
  const next = start.slice();
  for (let i = 0; i < count; i++) sites[next[binOf(i)]!++] = i;
  const [reachA, reachB, reachC] = widths.map((width) => reach / width) as [number, number, number];
  return { inverse, na, nb, nc, reachA, reachB, reachC, start, sites };
}

function modulo(i: number, n: number): number {
  const rest = i % n;
  return rest < 0 ? rest + n : rest;
}
