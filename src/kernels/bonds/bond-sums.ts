import { exponential } from '../logarithm.ts';
import { FoundVectors } from '../voronoi/found-vectors.ts';
import type { PeriodicSites } from '../voronoi/periodic-sites.ts';

/** What a bond needs to know of each site; Float64Array[n] each. */
export interface SiteProperties {
  /** Atomic radius, Angstrom. */
  readonly radius: Float64Array;
  readonly electronegativity: Float64Array;
  /** Number of valence electrons. */
  readonly valence: Float64Array;
}

/** Neighbours farther than this do not count, Angstrom; the slack keeps those that rounding moves beyond. */
export const BOND_CUTOFF_ANGSTROM = 6;
const CUTOFF_SLACK_ANGSTROM = 1e-8;
/** A neighbour is near if it is at most this much farther than the nearest one. */
const NEAR = 1.25;
/** Of the bond weight's decay with the scaled distance. */
const DECAY = 2.5;
/** Scaled distances from 0.7 to 2.2. */
export const DISTANCE_BINS = 15;
const DISTANCE_FIRST = 0.7;
const DISTANCE_STEP = 0.1;
/** Cosines of the angles between near neighbours: limits of the bins. None of them belongs to a regular polyhedron. */
const ANGLE_LIMITS = [-0.9, -0.6, -0.4, -0.1, 0.1, 0.4, 0.6];
/** Where symmetry puts a cosine on a limit (0.6 in the A15 structure), rounding must not decide. */
const TIE = 1e-9;
export const ANGLE_BINS = ANGLE_LIMITS.length + 1;
/** d^-3, d^-4, d^-6, d^-9 and the bond weight. */
const SITE_SUMS = 5;
/** Independent components of the sum of n n n: xxx, yyy, zzz, xxy, xxz, xyy, yyz, xzz, yzz, xyz. */
const THIRD_ORDER = 10;

/** Sums over the pairs of a crystal, each pair seen from both ends. */
export interface BondSums {
  pairs: number;
  /** Float64Array[n], Angstrom; Infinity without a neighbour. */
  readonly nearest: Float64Array;
  /** Float64Array[n]: the smallest distance in units of the sum of radii. */
  readonly nearestScaled: Float64Array;
  /** Float64Array[n]: near neighbours. */
  readonly coordination: Float64Array;
  /** Float64Array[5n], sum by sum: d^-3, d^-4, d^-6, d^-9 and the bond weights of each site. */
  readonly perSite: Float64Array;
  /** Bond weight times the difference in electronegativity. */
  ionic: number;
  /** Over pairs that are near: how many, sums of |dX|, d and d^-3.5, and the largest |dX|. */
  near: number;
  nearDifference: number;
  nearDistance: number;
  nearPower: number;
  nearDifferenceMax: number;
  /** Float64Array[36]: the sum of bond weight * d^2 * n n n n, in Voigt's six. */
  readonly stiffness: Float64Array;
  /** The sum over sites and the six unit strains of the squared net force. */
  forces: number;
  /** Float64Array[15]: how many at which scaled distance, each weighted by 1 / s^2. */
  readonly distances: Float64Array;
  /** Float64Array[8]: pairs of near neighbours by the cosine of their angle. */
  readonly angles: Float64Array;
  anglePairs: number;
}

/**
 * Sums over all pairs of sites within 6 Angstrom.
 *
 * Equation: s = d / (r_i + r_j); weight w = sqrt(v_i v_j) exp(-2.5 (s - 1)); near: d < 1.25 times the nearest distance of
 *   the site; force on a site under the unit strain pq: sum of w d n_p n_q n.
 * Source: weights that decay exponentially with the distance: I. D. Brown, D. Altermatt, Acta Cryst. B 41, 244 (1985),
 *   DOI 10.1107/S0108768185002063; stiffness of central springs: M. Born, K. Huang, Dynamical Theory of Crystal Lattices
 *   (1954), section 11; internal relaxation: the same, section 27.
 * Shapes: see BondSums.
 * Units: Angstrom, and powers of it.
 * Errors: RejectedInput `overlapping_sites`, `too_costly`.
 * Known value: an fcc lattice has 12 near neighbours per site, and no net force under any strain.
 */
export function bondSums(sites: PeriodicSites, properties: SiteProperties): BondSums {
  const sums = emptySums(sites.count);
  const found = new FoundVectors();
  const third = new Float64Array(THIRD_ORDER);
  for (let site = 0; site < sites.count; site++) {
    found.count = 0;
    sites.gather(site, 0, BOND_CUTOFF_ANGSTROM + CUTOFF_SLACK_ANGSTROM, found);
    addSite(sums, site, found, properties, third.fill(0));
    addAngles(sums, site, found);
    sums.forces += squaredForces(third);
    sums.pairs += found.count;
  }
  complete(sums.stiffness);
  return sums;
}

function emptySums(n: number): BondSums {
  return {
    ...{ pairs: 0, ionic: 0, near: 0, nearDifference: 0, nearDistance: 0, nearPower: 0, nearDifferenceMax: 0 },
    ...{ forces: 0, anglePairs: 0 },
    nearest: new Float64Array(n).fill(Number.POSITIVE_INFINITY),
    nearestScaled: new Float64Array(n).fill(Number.POSITIVE_INFINITY),
    coordination: new Float64Array(n),
    perSite: new Float64Array(SITE_SUMS * n),
    stiffness: new Float64Array(36),
    distances: new Float64Array(DISTANCE_BINS),
    angles: new Float64Array(ANGLE_BINS),
  };
}

function addSite(
  sums: BondSums,
  site: number,
  { count, deltas, length2, sites }: FoundVectors,
  { radius, electronegativity, valence }: SiteProperties,
  third: Float64Array,
): void {
  const n = sums.nearest.length;
  const { perSite, stiffness: c, distances } = sums;
  const ri = radius[site]!;
  const xi = electronegativity[site]!;
  const vi = valence[site]!;
  let nearest2 = Number.POSITIVE_INFINITY;
  for (let p = 0; p < count; p++) if (length2[p]! < nearest2) nearest2 = length2[p]!;
  const nearest = Math.sqrt(nearest2);
  let scaledMin = Number.POSITIVE_INFINITY;
  let sum3 = 0;
  let sum4 = 0;
  let sum6 = 0;
  let sum9 = 0;
  let sumW = 0;
  let ionic = 0;
  for (let p = 0; p < count; p++) {
    const other = sites[p]!;
    const d = Math.sqrt(length2[p]!);
    const s = d / (ri + radius[other]!);
    const dx = Math.abs(xi - electronegativity[other]!);
    const w = Math.sqrt(vi * valence[other]!) * exponential(-DECAY * (s - 1));
    const inverse = 1 / d;
    const inverse3 = inverse * inverse * inverse;
    sum3 += inverse3;
    sum4 += inverse3 * inverse;
    sum6 += inverse3 * inverse3;
    sum9 += inverse3 * inverse3 * inverse3;
    sumW += w;
    ionic += w * dx;
    if (s < scaledMin) scaledMin = s;
    const bin = Math.floor((s - DISTANCE_FIRST) / DISTANCE_STEP);
    if (bin >= 0 && bin < DISTANCE_BINS) distances[bin] = distances[bin]! + 1 / (s * s);
    if (d < NEAR * nearest) {
      sums.coordination[site] = sums.coordination[site]! + 1;
      sums.near++;
      sums.nearDifference += dx;
      sums.nearDistance += d;
      sums.nearPower += inverse3 * Math.sqrt(inverse);
      if (dx > sums.nearDifferenceMax) sums.nearDifferenceMax = dx;
    }
    const x = deltas[3 * p]! * inverse;
    const y = deltas[3 * p + 1]! * inverse;
    const z = deltas[3 * p + 2]! * inverse;
    addSpring(c, x, y, z, w * length2[p]!);
    addThird(third, x, y, z, w * d);
  }
  sums.ionic += ionic;
  sums.nearest[site] = nearest;
  sums.nearestScaled[site] = scaledMin;
  perSite[site] = sum3;
  perSite[n + site] = sum4;
  perSite[2 * n + site] = sum6;
  perSite[3 * n + site] = sum9;
  perSite[4 * n + site] = sumW;
}

/** Adds to the upper half, but for what `complete` repeats. */
function addSpring(c: Float64Array, x: number, y: number, z: number, k: number): void {
  const xx = x * x;
  const yy = y * y;
  const zz = z * z;
  const yz = y * z;
  const xz = x * z;
  const xy = x * y;
  const kxx = k * xx;
  const kyy = k * yy;
  const kzz = k * zz;
  c[0]! += kxx * xx;
  c[1]! += kxx * yy;
  c[2]! += kxx * zz;
  c[3]! += kxx * yz;
  c[4]! += kxx * xz;
  c[5]! += kxx * xy;
  c[7]! += kyy * yy;
  c[8]! += kyy * zz;
  c[9]! += kyy * yz;
  c[10]! += kyy * xz;
  c[11]! += kyy * xy;
  c[14]! += kzz * zz;
  c[15]! += kzz * yz;
  c[16]! += kzz * xz;
  c[17]! += kzz * xy;
}

/** The rest of the matrix repeats these sums (Cauchy's relations): yz yz is yy zz, xz xy is xx yz. */
function complete(c: Float64Array): void {
  c[21] = c[8]!;
  c[22] = c[17]!;
  c[23] = c[10]!;
  c[28] = c[2]!;
  c[29] = c[3]!;
  c[35] = c[1]!;
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < i; j++) c[6 * i + j] = c[6 * j + i]!;
  }
}

function addThird(t: Float64Array, x: number, y: number, z: number, k: number): void {
  const kxx = k * x * x;
  const kyy = k * y * y;
  const kzz = k * z * z;
  t[0]! += kxx * x;
  t[1]! += kyy * y;
  t[2]! += kzz * z;
  t[3]! += kxx * y;
  t[4]! += kxx * z;
  t[5]! += kyy * x;
  t[6]! += kyy * z;
  t[7]! += kzz * x;
  t[8]! += kzz * y;
  t[9]! += k * x * y * z;
}

/** Over the strains xx, yy, zz, yz, xz, xy: the squared length of the force. */
function squaredForces(t: Float64Array): number {
  const square = (component: number) => t[component]! * t[component]!;
  let [once, twice] = [0, 0];
  for (let component = 0; component < 3; component++) once += square(component);
  for (let component = 3; component < 9; component++) twice += square(component);
  // xxx belongs to one strain, xxy to xx and xy, xyz to yz, xz and xy.
  return once + 2 * twice + 3 * square(9);
}

function addAngles(sums: BondSums, site: number, { count, deltas, length2 }: FoundVectors): void {
  const limit = NEAR * sums.nearest[site]!;
  const near: number[] = [];
  for (let p = 0; p < count; p++) if (Math.sqrt(length2[p]!) < limit) near.push(p);
  for (let a = 0; a < near.length; a++) {
    const p = near[a]!;
    for (let b = a + 1; b < near.length; b++) {
      const q = near[b]!;
      const dot =
        deltas[3 * p]! * deltas[3 * q]! +
        deltas[3 * p + 1]! * deltas[3 * q + 1]! +
        deltas[3 * p + 2]! * deltas[3 * q + 2]!;
      const cosine = dot / Math.sqrt(length2[p]! * length2[q]!);
      let bin = 0;
      while (bin < ANGLE_LIMITS.length && cosine > ANGLE_LIMITS[bin]! - TIE) bin++;
      sums.angles[bin] = sums.angles[bin]! + 1;
      sums.anglePairs++;
    }
  }
}
