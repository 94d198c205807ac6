import type { StepBudget } from '../step-budget.ts';
import type { ConvexCell } from './convex-cell.ts';
import { enlarged } from './enlarged.ts';
import type { FoundVectors } from './found-vectors.ts';
import type { PeriodicSites } from './periodic-sites.ts';
import type { Tessellation } from './tessellation.ts';

/** An area below this fraction of the cell's squared size is rounding noise. */
const AREA_MIN = 1e-14;
/** A face without a twin is an artefact of the tolerance and must be smaller than this, Angstrom^2. */
const TWINLESS_AREA_MAX = 1e-6;
/** Twins whose areas differ by a larger fraction belong to a cell that the tolerance spoilt; 1e-7 occurs. */
const TWIN_AREA_ERROR_MAX = 1e-5;
/** The cost of the areas around a vertex, in steps (measured). */
const STEPS_PER_VERTEX = 6;

/** Collects the faces of the cells, pairs each face with its twin, and checks the result. */
export class FaceTable {
  private readonly siteCount: number;
  private readonly budget: StepBudget;
  readonly faceStart: Int32Array;
  private readonly volume: Float64Array;
  /** The number of faces so far. */
  count = 0;
  neighbor: Int32Array;
  image: Int32Array;
  private distance: Float64Array;
  private normal: Float64Array;
  private area: Float64Array;
  private solidAngle: Float64Array | undefined;
  private twin: Int32Array;
  /** Faces searched for twins but not yet charged to the budget. */
  private facesSeen = 0;

  constructor(siteCount: number, solidAngles: boolean, budget: StepBudget) {
    const faces = 20 * siteCount;
    this.siteCount = siteCount;
    this.budget = budget;
    this.faceStart = new Int32Array(siteCount + 1);
    this.volume = new Float64Array(siteCount);
    this.neighbor = new Int32Array(faces);
    this.image = new Int32Array(3 * faces);
    this.distance = new Float64Array(faces);
    this.normal = new Float64Array(3 * faces);
    this.area = new Float64Array(faces);
    this.solidAngle = solidAngles ? new Float64Array(faces) : undefined;
    this.twin = new Int32Array(0);
  }

  /**
   * Appends the faces of a finished cell. Call it in the order of the sites.
   * @returns the number of faces with an id of at least `newFrom`
   */
  addCell(sites: PeriodicSites, site: number, found: FoundVectors, cell: ConvexCell, newFrom = 0): number {
    if (areas.length < found.count) {
      areas = new Float64Array(2 * found.count);
      angles = new Float64Array(2 * found.count);
    }
    this.budget.spend(STEPS_PER_VERTEX * cell.vertexCount + found.count, 'cells');
    areas.fill(0, 0, found.count);
    cell.addFaceAreas(found.deltas, areas);
    if (this.solidAngle !== undefined) {
      angles.fill(0, 0, found.count);
      cell.addSolidAngles(found.deltas, angles);
    }
    let volume = 0;
    let added = 0;
    const areaMin = AREA_MIN * cell.radius2Max;
    for (let i = 0; i < found.count; i++) {
      if (areas[i] === 0) continue;
      const d = Math.sqrt(found.length2[i]!);
      const area = areas[i]! / (2 * d);
      volume += (area * d) / 6;
      if (area <= areaMin) continue;
      this.addFace(sites, site, found, i, area, d);
      if (i >= newFrom) added++;
    }
    this.volume[site] = volume;
    this.faceStart[site + 1] = this.count;
    return added;
  }

  private addFace(sites: PeriodicSites, site: number, found: FoundVectors, i: number, area: number, d: number): void {
    const at = this.count++;
    if (at === this.neighbor.length) this.grow();
    this.neighbor[at] = found.sites[i]!;
    sites.writeOriginalImage(site, found, i, this.image, 3 * at);
    this.distance[at] = d;
    this.area[at] = area;
    if (this.solidAngle !== undefined) this.solidAngle[at] = angles[i]!;
    for (let k = 0; k < 3; k++) this.normal[3 * at + k] = found.deltas[3 * i + k]! / d;
  }

  private grow(): void {
    const faces = 2 * this.neighbor.length;
    this.neighbor = enlarged(this.neighbor, new Int32Array(faces));
    this.image = enlarged(this.image, new Int32Array(3 * faces));
    this.distance = enlarged(this.distance, new Float64Array(faces));
    this.normal = enlarged(this.normal, new Float64Array(3 * faces));
    this.area = enlarged(this.area, new Float64Array(faces));
    this.solidAngle &&= enlarged(this.solidAngle, new Float64Array(faces));
  }

  /** The tessellation, or undefined if volumes or twins show that the cells are not one. */
  finish(latticeVolume: number, volumeErrorMax: number): Tessellation | undefined {
    let sum = 0;
    for (const v of this.volume) sum += v;
    if (!(Math.abs(sum - latticeVolume) <= volumeErrorMax * latticeVolume)) return undefined;
    this.twin = new Int32Array(this.count).fill(-1);
    let twinless = 0;
    for (let site = 0; site < this.siteCount; site++) {
      for (let f = this.faceStart[site]!; f < this.faceStart[site + 1]!; f++) {
        if (this.twin[f] !== -1 || this.pairFace(site, f)) continue;
        if (this.area[f]! > TWINLESS_AREA_MAX) return undefined;
        twinless++;
      }
      this.budget.spend(this.facesSeen, 'cells');
      this.facesSeen = 0;
    }
    if (twinless > 0) {
      this.dropTwinless();
      return this.finish(latticeVolume, volumeErrorMax);
    }
    return this.trimmed();
  }

  /** Finds the same face seen from the other side: the neighbour's face towards this site with the opposite image. */
  private pairFace(site: number, f: number): boolean {
    const { neighbor, image, twin, area } = this;
    const other = neighbor[f]!;
    this.facesSeen += this.faceStart[other + 1]! - this.faceStart[other]!;
    const areaErrorMax = TWINLESS_AREA_MAX + TWIN_AREA_ERROR_MAX * area[f]!;
    for (let g = this.faceStart[other]!; g < this.faceStart[other + 1]!; g++) {
      if (
        neighbor[g] === site &&
        image[3 * g] === -image[3 * f]! &&
        image[3 * g + 1] === -image[3 * f + 1]! &&
        image[3 * g + 2] === -image[3 * f + 2]! &&
        Math.abs(area[g]! - area[f]!) <= areaErrorMax
      ) {
        twin[f] = g;
        twin[g] = f;
        return true;
      }
    }
    return false;
  }

  private dropTwinless(): void {
    let to = 0;
    for (let site = 0, f = 0; site < this.siteCount; site++) {
      for (const end = this.faceStart[site + 1]!; f < end; f++) {
        if (this.twin[f] === -1) continue;
        this.neighbor[to] = this.neighbor[f]!;
        this.distance[to] = this.distance[f]!;
        this.area[to] = this.area[f]!;
        if (this.solidAngle !== undefined) this.solidAngle[to] = this.solidAngle[f]!;
        for (let k = 0; k < 3; k++) {
          this.image[3 * to + k] = this.image[3 * f + k]!;
          this.normal[3 * to + k] = this.normal[3 * f + k]!;
        }
        to++;
      }
      this.faceStart[site + 1] = to;
    }
    this.count = to;
  }

  private trimmed(): Tessellation {
    const faces = this.count;
    return {
      siteCount: this.siteCount,
      faceStart: this.faceStart,
      neighbor: this.neighbor.subarray(0, faces),
      image: this.image.subarray(0, 3 * faces),
      twin: this.twin,
      distance: this.distance.subarray(0, faces),
      normal: this.normal.subarray(0, 3 * faces),
      area: this.area.subarray(0, faces),
      solidAngle: this.solidAngle?.subarray(0, faces),
      volume: this.volume,
    };
  }
}

let areas = new Float64Array(256);
let angles = new Float64Array(256);
