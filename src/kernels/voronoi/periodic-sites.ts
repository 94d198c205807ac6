import { faceDistances, inverse3 } from '../../model/lattice.ts';
import { RejectedInput } from '../../model/rejection.ts';
import type { Structure } from '../../model/structure.ts';
import { reduceLattice } from '../lattice-reduction.ts';
import type { StepBudget } from '../step-budget.ts';
import { BinnedSites, type BinOffsets } from './binned-sites.ts';
import type { FoundVectors } from './found-vectors.ts';
import { NearestImage } from './nearest-image.ts';

/** Two sites nearer to each other than this are one atom written twice: the shortest bond, in H2, is 0.74 Angstrom. */
const OVERLAP_ANGSTROM = 0.1;
/** An image counts as nearer than the site itself only by this fraction of the squared distance; rounding is 1e-16. */
const NEARER_MIN = 1e-14;
/** The cost of a bin or a site within reach, in steps (measured); a bin beyond it costs one step. */
const STEPS_PER_VISIT = 3;
const OVERLAP2 = OVERLAP_ANGSTROM * OVERLAP_ANGSTROM;

/** Sites per Angstrom^3; the empty part of a sparse cell does not count. */
export class PeriodicSites {
  readonly count: number;
  /** Sites per Angstrom^3, measured where the sites are: the empty part of the cell does not count. */
  readonly density: number;
  private readonly structure: Structure;
  private readonly budget: StepBudget;
  /** Float64Array[9], row-major, reduced rows, Angstrom. */
  private readonly basis: Float64Array;
  private readonly inverse: Float64Array;
  private readonly transform: Int32Array;
  /** Float64Array[9], integers: the inverse of the transform. */
  private readonly toReduced: Float64Array;
  /** Float64Array[3n], wrapped into [0, 1). */
  private readonly frac: Float64Array;
  /** Int32Array[3n], the integers that wrapping subtracted. */
  private readonly wrapped: Int32Array;
  private readonly bins: BinnedSites;
  /** Created on first use: few crystals have a corner so far from all sites. */
  private nearest: NearestImage | undefined;
  /** Sorted by ascending radius. */
  private readonly offsets: BinOffsets[] = [];

  constructor(structure: Structure, budget: StepBudget) {
    const { matrix, transform } = reduceLattice(structure.lattice.matrix);
    this.structure = structure;
    this.budget = budget;
    this.count = structure.atomicNumbers.length;
    this.basis = matrix;
    this.inverse = inverse3(matrix);
    this.transform = transform;
    this.toReduced = inverse3(transform).map(Math.round);
    this.frac = new Float64Array(3 * this.count);
    this.wrapped = new Int32Array(3 * this.count);
    this.wrap();
    this.bins = BinnedSites.fitted(matrix, faceDistances(this.inverse), this.frac, structure.lattice.volume, budget);
    this.density = (this.count / structure.lattice.volume) * (this.bins.isSparse ? this.bins.crowding : 1);
    this.nearest = undefined;
  }

  private wrap(): void {
    const { toReduced } = this;
    const { fracCoords } = this.structure;
    for (let i = 0; i < 3 * this.count; i += 3) {
      for (let k = 0; k < 3; k++) {
        const value =
          fracCoords[i]! * toReduced[k]! +
          fracCoords[i + 1]! * toReduced[3 + k]! +
          fracCoords[i + 2]! * toReduced[6 + k]!;
        const whole = Math.floor(value);
        this.wrapped[i + k] = whole;
        this.frac[i + k] = value - whole;
      }
    }
  }

  /** An upper bound of the distance from any point of space to the nearest image of a given site. */
  coveringRadiusBound(): number {
    const b = this.basis;
    return 0.5 * (Math.hypot(b[0]!, b[1]!, b[2]!) + Math.hypot(b[3]!, b[4]!, b[5]!) + Math.hypot(b[6]!, b[7]!, b[8]!));
  }

  /**
   * Appends the vectors from a site to all sites at a distance in (inner, outer], in no particular order.
   * @throws RejectedInput `overlapping_sites`
   */
  gather(site: number, inner: number, outer: number, found: FoundVectors): void {
    const { bins } = this;
    const offsets = this.offsetsWithin(outer + bins.diagonal);
    const { count, cartesian } = offsets;
    const { relative, siteOfSlot, centre, binStart } = bins;
    const inner2 = inner * inner;
    const outer2 = outer * outer;
    const reach2 = (outer + 0.5 * bins.diagonal) ** 2;
    const own = bins.slotOfSite[site]!;
    const x0 = relative[3 * own]!;
    const y0 = relative[3 * own + 1]!;
    const z0 = relative[3 * own + 2]!;
    const cx = centre[0]! - x0;
    const cy = centre[1]! - y0;
    const cz = centre[2]! - z0;
    let visits = 0;
    for (let t = 0; t < count; t++) {
      const tx = cartesian[3 * t]!;
      const ty = cartesian[3 * t + 1]!;
      const tz = cartesian[3 * t + 2]!;
      if ((tx + cx) * (tx + cx) + (ty + cy) * (ty + cy) + (tz + cz) * (tz + cz) > reach2) continue;
      const bin = bins.locate(own, offsets, t);
      visits += 1 + binStart[bin + 1]! - binStart[bin]!;
      for (let slot = binStart[bin]!, end = binStart[bin + 1]!; slot < end; slot++) {
        const dx = tx - x0 + relative[3 * slot]!;
        const dy = ty - y0 + relative[3 * slot + 1]!;
        const dz = tz - z0 + relative[3 * slot + 2]!;
        const d2 = dx * dx + dy * dy + dz * dz;
        if (d2 > outer2) continue;
        if (d2 < OVERLAP2) {
          if (slot === own && tx === 0 && ty === 0 && tz === 0) continue;
          this.refuseOverlap(site, siteOfSlot[slot]!, d2);
        }
        if (d2 <= inner2) continue;
        found.append(siteOfSlot[slot]!, dx, dy, dz, d2, bins.imageA, bins.imageB, bins.imageC);
      }
    }
    this.budget.spend(count + STEPS_PER_VISIT * visits, 'cells');
  }

  /**
   * Takes the point at `px, py, pz` relative to a site and finds the image nearest to it among all sites. Appends the
   * vector to that image; false if it is the site itself.
   * @param visitsMax see NearestImage; `isNearestSure` tells whether this limit sufficed
   */
  appendNearest(
    site: number,
    px: number,
    py: number,
    pz: number,
    found: FoundVectors,
    visitsMax = Number.POSITIVE_INFINITY,
  ): boolean {
    const { frac } = this;
    this.nearest ??= new NearestImage(this.basis, this.inverse, frac, this.budget);
    const { nearest } = this;
    const own2 = (px * px + py * py + pz * pz) * (1 - NEARER_MIN);
    const pu = frac[3 * site]! + along(this.inverse, 0, px, py, pz);
    const pv = frac[3 * site + 1]! + along(this.inverse, 1, px, py, pz);
    const pw = frac[3 * site + 2]! + along(this.inverse, 2, px, py, pz);
    if (!nearest.find(pu, pv, pw, own2, visitsMax)) return false;
    this.appendImage(site, nearest.site, nearest.a, nearest.b, nearest.c, found);
    return true;
  }

  /** Whether the last appendNearest surely found the nearest image. */
  get isNearestSure(): boolean {
    return this.nearest === undefined || this.nearest.isComplete;
  }

  /** Appends the vector from a site to an image of another, given by its translation in the structure's own lattice. */
  appendOriginalImage(
    site: number,
    other: number,
    image: readonly [number, number, number],
    found: FoundVectors,
  ): void {
    const { wrapped, toReduced } = this;
    const along = (k: number) =>
      image[0] * toReduced[k]! +
      image[1] * toReduced[3 + k]! +
      image[2] * toReduced[6 + k]! +
      wrapped[3 * other + k]! -
      wrapped[3 * site + k]!;
    this.appendImage(site, other, along(0), along(1), along(2), found);
  }

  private appendImage(site: number, other: number, a: number, b: number, c: number, found: FoundVectors): void {
    const { basis, frac } = this;
    const u = frac[3 * other]! - frac[3 * site]! + a;
    const v = frac[3 * other + 1]! - frac[3 * site + 1]! + b;
    const w = frac[3 * other + 2]! - frac[3 * site + 2]! + c;
    const x = along(basis, 0, u, v, w);
    const y = along(basis, 1, u, v, w);
    const z = along(basis, 2, u, v, w);
    found.append(other, x, y, z, x * x + y * y + z * z, a, b, c);
  }

  /** Writes the image of a found vector in the structure's own lattice, for its own unwrapped coordinates. */
  writeOriginalImage(site: number, found: FoundVectors, candidate: number, out: Int32Array, at: number): void {
    const { images, sites } = found;
    const { wrapped, transform } = this;
    const other = sites[candidate]!;
    const a = images[3 * candidate]! - wrapped[3 * other]! + wrapped[3 * site]!;
    const b = images[3 * candidate + 1]! - wrapped[3 * other + 1]! + wrapped[3 * site + 1]!;
    const c = images[3 * candidate + 2]! - wrapped[3 * other + 2]! + wrapped[3 * site + 2]!;
    for (let k = 0; k < 3; k++) out[at + k] = a * transform[k]! + b * transform[3 + k]! + c * transform[6 + k]!;
  }

  /** Bin offsets up to a radius: the first list serves most searches; longer lists are created when needed. */
  private offsetsWithin(radius: number): BinOffsets {
    const list = this.offsets.find((known) => known.radius >= radius);
    if (list !== undefined) return list;
    const made = this.bins.offsetsWithin(radius);
    this.offsets.push(made);
    return made;
  }

  private refuseOverlap(site: number, other: number, d2: number): never {
    const pair = site === other ? `site ${site + 1} and its own image` : `sites ${site + 1} and ${other + 1}`;
    throw new RejectedInput(
      'overlapping_sites',
      `${pair} are ${Math.sqrt(d2).toFixed(3)} Angstrom apart; at least ${OVERLAP_ANGSTROM} are needed`,
    );
  }
}

/** Component k of the row vector (x, y, z) times a row-major 3 x 3 matrix. */
function along(m: Float64Array, k: number, x: number, y: number, z: number): number {
  return x * m[k]! + y * m[3 + k]! + z * m[6 + k]!;
}
