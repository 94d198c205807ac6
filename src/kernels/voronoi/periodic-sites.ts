import { inverse3 } from '../../model/lattice.ts';
import { RejectedInput } from '../../model/rejection.ts';
import type { Structure } from '../../model/structure.ts';
import { reduceLattice } from '../lattice-reduction.ts';
import { BinnedSites, type BinOffsets } from './binned-sites.ts';
import type { FoundVectors } from './found-vectors.ts';

/** Two sites nearer than this are one atom written twice: the shortest bond, in H2, is 0.74 Angstrom long. */
export const OVERLAP_ANGSTROM = 0.1;
/** An image counts as nearer only by this fraction of the squared distance, or equal ones would take turns for ever. */
const NEARER_MIN = 1e-12;
const OVERLAP2 = OVERLAP_ANGSTROM * OVERLAP_ANGSTROM;

/**
 * The sites of a crystal in its reduced cell, and the search for what lies around one of them.
 * An image (a site's lattice translation) is known here as three integers in units of the reduced basis, for
 * coordinates wrapped into the reduced cell.
 */
export class PeriodicSites {
  readonly count: number;
  private readonly structure: Structure;
  /** Float64Array[9], row-major, reduced rows, Angstrom. */
  private readonly basis: Float64Array;
  private readonly inverse: Float64Array;
  private readonly transform: Int32Array;
  /** Distances between opposite faces of the reduced cell, Angstrom. */
  private readonly heights: readonly number[];
  /** Float64Array[3n], wrapped into [0, 1). */
  private readonly frac: Float64Array;
  /** Int32Array[3n], what wrapping took off. */
  private readonly wrapped: Int32Array;
  private readonly bins: BinnedSites;
  private readonly steps: readonly ImagePoint[];
  /** By ascending radius. */
  private readonly offsets: BinOffsets[] = [];

  constructor(structure: Structure) {
    const { matrix, transform } = reduceLattice(structure.lattice.matrix);
    this.structure = structure;
    this.count = structure.atomicNumbers.length;
    this.basis = matrix;
    this.inverse = inverse3(matrix);
    this.transform = transform;
    this.heights = [0, 1, 2].map((k) => 1 / Math.hypot(this.inverse[k]!, this.inverse[3 + k]!, this.inverse[6 + k]!));
    this.frac = new Float64Array(3 * this.count);
    this.wrapped = new Int32Array(3 * this.count);
    this.wrap();
    this.bins = new BinnedSites(matrix, this.heights, this.frac, structure.lattice.volume);
    this.steps = neighbouringCells(matrix);
  }

  private wrap(): void {
    const toReduced = inverse3(this.transform).map(Math.round);
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

  /** A length that no point of space exceeds in its distance from the nearest image of any one site. */
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
    for (let t = 0; t < count; t++) {
      const tx = cartesian[3 * t]!;
      const ty = cartesian[3 * t + 1]!;
      const tz = cartesian[3 * t + 2]!;
      if ((tx + cx) * (tx + cx) + (ty + cy) * (ty + cy) + (tz + cz) * (tz + cz) > reach2) continue;
      const bin = bins.locate(own, offsets, t);
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
  }

  /**
   * Appends the vector to the image, of all sites, that lies nearest to the point at `px, py, pz` from a site;
   * false where that is the site itself.
   */
  appendNearest(site: number, px: number, py: number, pz: number, found: FoundVectors): boolean {
    const { basis, inverse, heights, frac, count } = this;
    const pu = px * inverse[0]! + py * inverse[3]! + pz * inverse[6]!;
    const pv = px * inverse[1]! + py * inverse[4]! + pz * inverse[7]!;
    const pw = px * inverse[2]! + py * inverse[5]! + pz * inverse[8]!;
    const best = { a: 0, b: 0, c: 0, x: 0, y: 0, z: 0 };
    const image = { ...best };
    let bestSite = -1;
    let best2 = (px * px + py * py + pz * pz) * (1 - NEARER_MIN);
    for (let j = 0; j < count; j++) {
      const du = frac[3 * j]! - frac[3 * site]!;
      const dv = frac[3 * j + 1]! - frac[3 * site + 1]!;
      const dw = frac[3 * j + 2]! - frac[3 * site + 2]!;
      image.a = Math.round(pu - du);
      image.b = Math.round(pv - dv);
      image.c = Math.round(pw - dw);
      const u = du + image.a;
      const v = dv + image.b;
      const w = dw + image.c;
      // No image is nearer than the least distance between the lattice planes that hold it and those of the point.
      const apart = Math.max(
        Math.abs(u - pu) * heights[0]!,
        Math.abs(v - pv) * heights[1]!,
        Math.abs(w - pw) * heights[2]!,
      );
      if (apart * apart >= best2) continue;
      image.x = u * basis[0]! + v * basis[3]! + w * basis[6]!;
      image.y = u * basis[1]! + v * basis[4]! + w * basis[7]!;
      image.z = u * basis[2]! + v * basis[5]! + w * basis[8]!;
      const length2 = this.stepToNearest(image, px, py, pz);
      if (length2 >= best2) continue;
      bestSite = j;
      best2 = length2;
      Object.assign(best, image);
    }
    if (bestSite === -1) return false;
    const { a, b, c, x, y, z } = best;
    found.append(bestSite, x, y, z, x * x + y * y + z * z, a, b, c);
    return true;
  }

  /**
   * Moves a site's image to the one nearest to the point p, and returns its squared distance from p.
   * Method: to a nearer one of the 26 neighbouring images while there is any. In a reduced basis an image that is
   * nearest among those is nearest of all, because the lattice's Voronoi-relevant vectors are among the 26 steps.
   */
  private stepToNearest(image: ImagePoint, px: number, py: number, pz: number): number {
    let d2 = (image.x - px) ** 2 + (image.y - py) ** 2 + (image.z - pz) ** 2;
    for (let s = 0; s < this.steps.length; s++) {
      const step = this.steps[s]!;
      const nearer = (image.x + step.x - px) ** 2 + (image.y + step.y - py) ** 2 + (image.z + step.z - pz) ** 2;
      if (nearer >= d2 * (1 - NEARER_MIN)) continue;
      d2 = nearer;
      image.a += step.a;
      image.b += step.b;
      image.c += step.c;
      image.x += step.x;
      image.y += step.y;
      image.z += step.z;
      s = -1;
    }
    return d2;
  }

  /** The image of a found vector in the structure's own lattice, with its own unwrapped coordinates. */
  writeOriginalImage(site: number, found: FoundVectors, candidate: number, out: Int32Array, at: number): void {
    const { images, sites } = found;
    const { wrapped, transform } = this;
    const other = sites[candidate]!;
    const a = images[3 * candidate]! - wrapped[3 * other]! + wrapped[3 * site]!;
    const b = images[3 * candidate + 1]! - wrapped[3 * other + 1]! + wrapped[3 * site + 1]!;
    const c = images[3 * candidate + 2]! - wrapped[3 * other + 2]! + wrapped[3 * site + 2]!;
    for (let k = 0; k < 3; k++) out[at + k] = a * transform[k]! + b * transform[3 + k]! + c * transform[6 + k]!;
  }

  /** Bin offsets up to a radius: the first list serves most searches, longer ones are made as they are needed. */
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

/** An image of a site: its lattice translation in units of the basis, and where it lies, Angstrom. */
interface ImagePoint {
  a: number;
  b: number;
  c: number;
  x: number;
  y: number;
  z: number;
}

/** The vectors to the 26 neighbouring cells. */
function neighbouringCells(basis: Float64Array): ImagePoint[] {
  const steps: ImagePoint[] = [];
  for (let n = 0; n < 27; n++) {
    if (n === 13) continue;
    const [a, b, c] = [(n % 3) - 1, (Math.floor(n / 3) % 3) - 1, Math.floor(n / 9) - 1];
    const along = (k: number) => a * basis[k]! + b * basis[3 + k]! + c * basis[6 + k]!;
    steps.push({ a, b, c, x: along(0), y: along(1), z: along(2) });
  }
  return steps;
}
