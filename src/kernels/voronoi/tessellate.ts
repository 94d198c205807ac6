import { AppError } from '../../model/app-error.ts';
import type { Structure } from '../../model/structure.ts';
import { ConvexCell, CUT_BROKEN } from './convex-cell.ts';
import { FaceTable } from './face-table.ts';
import { FoundVectors } from './found-vectors.ts';
import { PeriodicSites } from './periodic-sites.ts';
import type { Tessellation } from './tessellation.ts';

/**
 * How far beyond a plane a vertex must lie to be cut off, Angstrom. Rounding noise is some 1e-15, but 1e-14 already
 * tears very flat cells; published coordinates end at 1e-7. So 1e-11 lies between; a face that it swallows is as
 * narrow. The others are tried where a cell comes out torn.
 */
const TOLERANCES = [1e-11, 1e-10, 1e-9, 1e-12, 1e-8, 1e-7, 1e-6];
/** Cell volumes must sum to the lattice's: 1e-12 is seen in real crystals, 1e-9 in cells 10,000 Angstrom long. */
const VOLUME_ERROR_MAX = 1e-7;
/** The first look around a site takes in so many neighbours on average: enough for 9 cells of 10. */
const NEIGHBOURS_AT_FIRST = 56;
/** Where a sphere would hold more sites than this (thick vacuum), the nearest site of each corner is sought instead. */
const GATHER_MAX = 1_000;
/** Seeking it looks at every site of the cell, so in large cells a larger sphere is cheaper. */
const GATHER_MAX_PER_SITE = 1;
const BINS = 64;

export interface TessellationOptions {
  /** They cost an arc tangent per edge, and no feature needs them. */
  readonly solidAngles?: boolean;
}

/**
 * The periodic Voronoi tessellation of a crystal.
 *
 * Method: each cell starts as a cube that surely holds it and is cut by the bisector planes of its neighbours, nearest
 * first, until twice its radius is less than the distance searched, so that no farther site can reach it.
 * Source: Rycroft, Chaos 19 (2009) 041111, DOI 10.1063/1.3215722 (cutting, and the stopping rule); Ward et al., Phys.
 * Rev. B 96 (2017) 024104, DOI 10.1103/PhysRevB.96.024104 (its use for features).
 * Returns: faces in compressed rows; see Tessellation for shapes and units.
 * Ensures: volumes sum to the lattice's within 1e-7 (real crystals: 1e-12); each face has its twin on the other side.
 * Degenerate cases: faces of no area (where more than three planes meet in a point) are left out.
 * Errors: RejectedInput `overlapping_sites` where two sites are nearer than 0.1 Angstrom.
 * Known value: one site in an fcc lattice of edge a has 12 faces of area a^2 / (4 sqrt 2) and volume a^3 / 4.
 */
export function tessellate(structure: Structure, options: TessellationOptions = {}): Tessellation {
  const sites = new PeriodicSites(structure);
  for (const tolerance of TOLERANCES) {
    const table = new FaceTable(sites.count, options.solidAngles ?? false);
    if (!fillTable(table, sites, structure.lattice.volume, tolerance)) continue;
    const tessellation = table.finish(structure.lattice.volume, VOLUME_ERROR_MAX);
    if (tessellation !== undefined) return tessellation;
  }
  throw new AppError('internal', 'no tolerance gives a consistent Voronoi tessellation');
}

const cell = new ConvexCell();
const found = new FoundVectors();
const corner = new Float64Array(3);
let order = new Int32Array(256);
let bins = new Int32Array(256);
const binStart = new Int32Array(BINS + 2);

/** Builds every cell and enters its faces; false where the tolerance tore one. */
function fillTable(table: FaceTable, sites: PeriodicSites, volume: number, tolerance: number): boolean {
  const density = sites.count / volume;
  const firstRadius = Math.cbrt((3 * NEIGHBOURS_AT_FIRST) / (4 * Math.PI * density));
  for (let site = 0; site < sites.count; site++) {
    if (!buildCell(sites, site, firstRadius, density, tolerance)) return false;
    table.addCell(sites, site, found, cell);
  }
  return true;
}

/** Cuts the cell of one site; false where the tolerance tore it. */
function buildCell(
  sites: PeriodicSites,
  site: number,
  firstRadius: number,
  density: number,
  tolerance: number,
): boolean {
  found.count = 0;
  cell.reset(2 * sites.coveringRadiusBound());
  let searched = 0;
  for (;;) {
    const reach = 2 * Math.sqrt(cell.radius2Max);
    if (searched >= reach) return true;
    const sphere = (4 / 3) * Math.PI * reach * reach * reach;
    if (searched > 0 && sphere * density > GATHER_MAX + GATHER_MAX_PER_SITE * sites.count) {
      if (!cell.takeFarthestUnsettled((searched / 2) ** 2, corner)) return true;
      if (!cutByCorner(sites, site, tolerance)) return false;
      continue;
    }
    const first = found.count;
    // Never far ahead: each cut brings the corners nearer, and the sphere to be searched with them.
    const outer = searched === 0 ? firstRadius : Math.min(reach, 1.5 * searched);
    sites.gather(site, searched, outer, found);
    if (!cutNearestFirst(first, searched, outer, tolerance)) return false;
    searched = outer;
  }
}

/** Cuts by the vectors found from `first` on, in bins of ascending length: nearly sorted is as good as sorted. */
function cutNearestFirst(first: number, inner: number, outer: number, tolerance: number): boolean {
  const { count, length2 } = found;
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
  for (let o = 0; o < count - first; o++) {
    const i = order[o]!;
    if (length2[i]! >= 4 * cell.radius2Max) continue;
    if (!cutBy(i, tolerance)) return false;
  }
  return true;
}

/**
 * Cuts by the site nearest to the corner at hand; a corner that has no nearer site than the cell's own is settled.
 * When all corners are, the cell is complete (Delaunay's empty spheres), whatever the vacuum around it.
 */
function cutByCorner(sites: PeriodicSites, site: number, tolerance: number): boolean {
  if (!sites.appendNearest(site, corner[0]!, corner[1]!, corner[2]!, found)) return true;
  return cutBy(found.count - 1, tolerance);
}

function cutBy(i: number, tolerance: number): boolean {
  const { deltas, length2 } = found;
  return cell.cut(deltas[3 * i]!, deltas[3 * i + 1]!, deltas[3 * i + 2]!, length2[i]!, i, tolerance) !== CUT_BROKEN;
}
