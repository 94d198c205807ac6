import type { StepBudget } from '../step-budget.ts';
import { ConvexCell, CUT_BROKEN, CUT_DONE, CUT_NONE, type CutOutcome } from './convex-cell.ts';
import { FoundVectors } from './found-vectors.ts';
import type { PeriodicSites } from './periodic-sites.ts';

/** The first search around a site finds this many neighbours on average: enough for 9 of 10 cells. */
const NEIGHBOURS_AT_FIRST = 56;
/** If a sphere would hold more sites than this (thick vacuum), search for the nearest site of each corner instead. */
const GATHER_MAX = 1_000;
/** That search is slower in large cells, up to a limit, so a larger sphere is allowed there. */
const GATHER_MAX_PER_SITE = 1;
const GATHER_MAX_SITES = 1_000;
const BINS = 64;

/** Builds the cells of a crystal's sites one after another; `cell` and `found` hold the latest cell. */
export class CellBuilder {
  readonly sites: PeriodicSites;
  readonly cell = sharedCell;
  /** The vectors of the cutting planes; a face's id is its index here. */
  readonly found = sharedFound;
  /** Uint8Array[n], 1 if a corner's nearest site was not found for certain: the cell may be too large. */
  readonly unsure: Uint8Array;

  private readonly firstRadius: number;
  private readonly gatherMax: number;
  private readonly tolerance: number;
  private readonly visitsMax: number;
  private readonly budget: StepBudget;

  /**
   * @param tolerance see ConvexCell, Angstrom
   * @param visitsMax the limit of boxes and sites examined for one corner's nearest site
   */
  constructor(sites: PeriodicSites, tolerance: number, visitsMax: number, budget: StepBudget) {
    this.sites = sites;
    this.unsure = new Uint8Array(sites.count);
    this.firstRadius = Math.cbrt((3 * NEIGHBOURS_AT_FIRST) / (4 * Math.PI * sites.density));
    this.gatherMax = GATHER_MAX + GATHER_MAX_PER_SITE * Math.min(sites.count, GATHER_MAX_SITES);
    this.tolerance = tolerance;
    this.visitsMax = visitsMax;
    this.budget = budget;
  }

  /** Starts a cell: an uncut cube that surely contains it. */
  begin(): void {
    this.found.count = 0;
    this.cell.reset(2 * this.sites.coveringRadiusBound());
  }

  /** Cuts the cell of a site; false if the tolerance tore it. */
  build(site: number): boolean {
    const { sites, cell, found } = this;
    this.begin();
    let searched = 0;
    for (;;) {
      const reach = 2 * Math.sqrt(cell.radius2Max);
      if (searched >= reach) return true;
      const sphere = (4 / 3) * Math.PI * reach * reach * reach;
      if (searched > 0 && sphere * sites.density > this.gatherMax) {
        if (!cell.takeFarthestUnsettled((searched / 2) ** 2, corner)) return true;
        if (!this.cutByCorner(site)) return false;
        continue;
      }
      const first = found.count;
      // Never search far ahead: each cut brings the corners nearer, and so shrinks the sphere that must be searched.
      const outer = searched === 0 ? this.firstRadius : Math.min(reach, 1.5 * searched);
      sites.gather(site, searched, outer, found);
      if (!this.cutNearestFirst(first, searched, outer)) return false;
      searched = outer;
    }
  }

  /** Cuts by the vector found last and drops the vector if it cuts nothing. False if the tolerance tore the cell. */
  cutByLast(): boolean {
    const outcome = this.cutBy(this.found.count - 1);
    if (outcome !== CUT_DONE) this.found.count--;
    return outcome !== CUT_BROKEN;
  }

  /** Cuts by the vectors found from index `first` on, binned by ascending length: nearly sorted is good enough. */
  private cutNearestFirst(first: number, inner: number, outer: number): boolean {
    const { count, length2 } = this.found;
    const [inner2, outer2] = [inner * inner, outer * outer];
    if (order.length < count) {
      order = new Int32Array(2 * count);
      bins = new Int32Array(2 * count);
    }
    binStart.fill(0);
    const scale = BINS / (outer2 - inner2);
    for (let i = first; i < count; i++) {
      const bin = Math.min(BINS - 1, Math.floor((length2[i]! - inner2) * scale));
      bins[i] = bin;
      binStart[bin + 2] = binStart[bin + 2]! + 1;
    }
    for (let b = 2; b < BINS + 2; b++) binStart[b] = binStart[b]! + binStart[b - 1]!;
    for (let i = first; i < count; i++) {
      const at = binStart[bins[i]! + 1]!;
      order[at] = i;
      binStart[bins[i]! + 1] = at + 1;
    }
    return this.cutInOrder(count - first);
  }

  /** Cuts by the first `count` vectors of `order`; counts the steps here and charges them together. */
  private cutInOrder(count: number): boolean {
    const { cell, tolerance } = this;
    const { deltas, length2 } = this.found;
    let [steps, outcome]: [number, CutOutcome] = [0, CUT_NONE];
    for (let o = 0; o < count && outcome !== CUT_BROKEN; o++) {
      const i = order[o]!;
      if (length2[i]! >= 4 * cell.radius2Max) continue;
      steps += cell.vertexCount;
      outcome = cell.cut(deltas[3 * i]!, deltas[3 * i + 1]!, deltas[3 * i + 2]!, length2[i]!, i, tolerance);
    }
    this.budget.spend(steps, 'cells');
    return outcome !== CUT_BROKEN;
  }

  /**
   * Cuts by the site nearest to the current corner; a corner is settled if no other site is nearer than the cell's own.
   * When all corners are settled, the cell is complete (Delaunay's empty spheres), however much vacuum surrounds it.
   */
  private cutByCorner(site: number): boolean {
    const { sites, found } = this;
    this.budget.spend(this.cell.vertexCount, 'cells');
    if (sites.appendNearest(site, corner[0]!, corner[1]!, corner[2]!, found, this.visitsMax)) {
      return this.cutBy(found.count - 1) !== CUT_BROKEN;
    }
    if (!sites.isNearestSure) this.unsure[site] = 1;
    return true;
  }

  private cutBy(i: number): CutOutcome {
    const { cell } = this;
    const { deltas, length2 } = this.found;
    this.budget.spend(cell.vertexCount, 'cells');
    return cell.cut(deltas[3 * i]!, deltas[3 * i + 1]!, deltas[3 * i + 2]!, length2[i]!, i, this.tolerance);
  }
}

const sharedCell = new ConvexCell();
const sharedFound = new FoundVectors();
const corner = new Float64Array(3);
let order = new Int32Array(256);
let bins = new Int32Array(256);
const binStart = new Int32Array(BINS + 2);
