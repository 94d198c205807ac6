import { determinant3, faceDistances } from '../../model/lattice.ts';
import type { StepBudget } from '../step-budget.ts';
import { SiteTree } from './site-tree.ts';

/** Bounds are lowered by this fraction, so that rounding (about 1e-15 relative) never hides the nearest image. */
const BOUND_SLACK = 1e-12;
/** Three levels halve a box; from 1e7 to 0.1 Angstrom these are under 90 levels, and each leaves one node waiting. */
const WAITING_MAX = 256;
/** The cost of a box or a site, in steps (measured). */
const STEPS_PER_VISIT = 8;

/**
 * Searches, among all images of all sites of a crystal, for the one nearest to a point.
 *
 * Method: visit boxes of sites, nearest first, while an image of the box may be nearer than the best one found. For
 * each site, find the nearest image by Schnorr and Euchner's search: in axes in which the basis is triangular, try
 * images from the nearest outwards and stop as soon as one coordinate is too far. If several images are equally near,
 * the site with the lowest number wins, as if all sites had been examined in order.
 * Source: Friedman, Bentley & Finkel, ACM Trans. Math. Softw. 3 (1977) 209, DOI 10.1145/355744.355745 (tree of boxes);
 * Schnorr & Euchner, Math. Program. 66 (1994) 181, DOI 10.1007/BF01581144.
 */
export class NearestImage {
  /** The result: a site and its image, in units of the basis. */
  site = -1;
  a = 0;
  b = 0;
  c = 0;
  /** Whether the last search examined everything necessary; if false, a nearer image may exist. */
  isComplete = true;

  private readonly frac: Float64Array;
  private readonly budget: StepBudget;
  private readonly edges: readonly number[];
  /** number[3], Angstrom: the distances between opposite faces of the cell. */
  private readonly heights: readonly number[];
  /** The minimum of |x|^2 / sum_k (x_k edge_k)^2 over all vectors x with fractional coordinates x_k. */
  private readonly squareness: number;
  private readonly triangular: ReturnType<typeof triangularBasis>;
  private readonly tree: SiteTree;
  private best2 = 0;

  /**
   * @param basis Float64Array[9], row-major rows, Angstrom, reduced
   * @param inverse Float64Array[9], the inverse of the basis
   * @param frac Float64Array[3n], in [0, 1]
   */
  constructor(basis: Float64Array, inverse: Float64Array, frac: Float64Array, budget: StepBudget) {
    this.frac = frac;
    this.budget = budget;
    this.edges = [0, 3, 6].map((k) => Math.hypot(basis[k]!, basis[k + 1]!, basis[k + 2]!));
    this.heights = faceDistances(inverse);
    this.triangular = triangularBasis(basis);
    this.squareness = leastSquareness(this.triangular, this.edges);
    this.tree = new SiteTree(frac, this.edges);
  }

  /**
   * Finds the nearest image with a squared distance below `limit2` from a point in fractional coordinates; false if
   * there is none. After `visitsMax` boxes and sites it stops with the nearest image found so far.
   */
  find(pu: number, pv: number, pw: number, limit2: number, visitsMax: number): boolean {
    const { tree } = this;
    this.site = -1;
    this.best2 = limit2;
    let visits = 0;
    let count = 1;
    waiting[0] = 0;
    waitingBound2[0] = 0;
    while (count > 0) {
      if (waitingBound2[--count]! > this.best2) continue;
      if (visits > visitsMax) break;
      visits++;
      const node = waiting[count]!;
      const second = tree.second[node]!;
      if (second === 0) {
        for (let s = tree.start[node]!; s < tree.end[node]!; s++) this.tryImages(tree.sites[s]!, pu, pv, pw);
        visits += tree.end[node]! - tree.start[node]!;
        continue;
      }
      const toFirst = this.bound2(node + 1, pu, pv, pw);
      const toSecond = this.bound2(second, pu, pv, pw);
      const isFirstNearer = toFirst < toSecond;
      // Push the nearer child last, so that it is examined first.
      waiting[count] = isFirstNearer ? second : node + 1;
      waitingBound2[count++] = isFirstNearer ? toSecond : toFirst;
      waiting[count] = isFirstNearer ? node + 1 : second;
      waitingBound2[count++] = isFirstNearer ? toFirst : toSecond;
    }
    this.isComplete = visits <= visitsMax;
    this.budget.spend(STEPS_PER_VISIT * visits, 'cells');
    return this.site !== -1;
  }

  /** A lower bound of the squared distance from the point to any image of the box. */
  private bound2(node: number, pu: number, pv: number, pw: number): number {
    const { edges, heights } = this;
    const [u, v, w] = [this.gap(node, 0, pu), this.gap(node, 1, pv), this.gap(node, 2, pw)];
    const [x, y, z] = [u * edges[0]!, v * edges[1]!, w * edges[2]!];
    const across = Math.max(u * heights[0]!, v * heights[1]!, w * heights[2]!);
    return Math.max(across * across, this.squareness * (x * x + y * y + z * z)) * (1 - BOUND_SLACK);
  }

  /** The distance from a coordinate to the nearest image of the box's interval, 0 to 0.5. */
  private gap(node: number, axis: number, p: number): number {
    const least = this.tree.boxes[6 * node + axis]!;
    const width = this.tree.boxes[6 * node + 3 + axis]! - least;
    const along = p - least - Math.floor(p - least);
    return along <= width ? 0 : Math.min(along - width, 1 - along);
  }

  private tryImages(j: number, pu: number, pv: number, pw: number): void {
    const { frac } = this;
    const [ax, bx, by, cx, cy, cz] = this.triangular;
    let best2 = this.best2;
    const dw = frac[3 * j + 2]! - pw;
    let c = Math.round(-dw);
    for (let cStep = dw + c > 0 ? -1 : 1; ; c += cStep, cStep = -cStep - Math.sign(cStep)) {
      const w = dw + c;
      const z2 = (w * cz) ** 2;
      if (z2 > best2) break;
      const dv = frac[3 * j + 1]! - pv + (w * cy) / by;
      let b = Math.round(-dv);
      for (let bStep = dv + b > 0 ? -1 : 1; ; b += bStep, bStep = -bStep - Math.sign(bStep)) {
        const y = (dv + b) * by;
        const yz2 = z2 + y * y;
        if (yz2 > best2) break;
        const v = frac[3 * j + 1]! - pv + b;
        const du = frac[3 * j]! - pu + (v * bx + w * cx) / ax;
        const a = Math.round(-du);
        const x = (du + a) * ax;
        const length2 = yz2 + x * x;
        if (length2 > best2 || (length2 === best2 && j >= this.site)) continue;
        best2 = length2;
        this.site = j;
        this.a = a;
        this.b = b;
        this.c = c;
      }
    }
    this.best2 = best2;
  }
}

const waiting = new Int32Array(WAITING_MAX);
const waitingBound2 = new Float64Array(WAITING_MAX);

/** The same lattice, rotated so that a lies along x and b in the xy plane: ax, bx, by, cx, cy, cz. */
function triangularBasis(m: Float64Array): readonly [number, number, number, number, number, number] {
  const dot = (i: number, j: number) =>
    m[3 * i]! * m[3 * j]! + m[3 * i + 1]! * m[3 * j + 1]! + m[3 * i + 2]! * m[3 * j + 2]!;
  const ax = Math.sqrt(dot(0, 0));
  const bx = dot(0, 1) / ax;
  const by = Math.sqrt(dot(1, 1) - bx * bx);
  const cx = dot(0, 2) / ax;
  const cy = (dot(1, 2) - bx * cx) / by;
  return [ax, bx, by, cx, cy, Math.abs(determinant3(m)) / (ax * by)];
}

/**
 * The smallest eigenvalue of the matrix of cosines between the edges; 1 if they are at right angles. Computed in closed
 * form by the trigonometric solution of the cubic: Smith, Commun. ACM 4 (1961) 168, DOI 10.1145/355578.366316.
 */
function leastSquareness([ax, bx, by, cx, cy]: ReturnType<typeof triangularBasis>, edges: readonly number[]): number {
  const ab = bx / edges[1]!;
  const ac = cx / edges[2]!;
  const bc = (bx * cx + by * cy) / (edges[1]! * edges[2]!);
  const size = Math.sqrt((ab * ab + ac * ac + bc * bc) / 3);
  if (!(size > 0) || !(ax > 0)) return 1;
  const angle = Math.acos(Math.max(-1, Math.min(1, (ab * ac * bc) / size ** 3))) / 3;
  return Math.max(0, 1 + 2 * size * Math.cos(angle + (2 * Math.PI) / 3) - BOUND_SLACK);
}
