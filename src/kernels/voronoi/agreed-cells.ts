import type { StepBudget } from '../step-budget.ts';
import type { CellBuilder } from './cell-builder.ts';
import type { FaceTable } from './face-table.ts';

/**
 * A new face affects only adjacent cells in each pass, and rarely matters beyond the second: 3 or 4 passes are seen.
 */
const PASSES_MAX = 32;
/** The cost of finding the site at the end of two steps, in budget steps (measured). */
const STEPS_PER_SUM = 4;

/**
 * Repeats cuts of cells that may lack a neighbour, and so may be too large, until all cells agree.
 *
 * Method: if two cells that share a face disagree about its outline, one of them has a neighbour there that the other
 * lacks. So cut each unsure cell by its neighbours' neighbours and by the sites that list it as a neighbour, and repeat
 * until no cell gets a new face. If every face has a twin, there is no gap; if the cells' volumes sum to the lattice's
 * volume, they cover it exactly once (see FaceTable.finish).
 * Source: the local test of Delaunay triangulations, Edelsbrunner & Shah, Algorithmica 15 (1996) 223, DOI
 * 10.1007/BF01975867 (a tessellation that is Delaunay around each face is Delaunay as a whole).
 * Returns: a new table; undefined if the tolerance tore a cell or the cells do not converge.
 * Known value: cells that already agree keep their faces.
 */
export function agreedCells(
  near: FaceTable,
  builder: CellBuilder,
  emptyTable: () => FaceTable,
  budget: StepBudget,
): FaceTable | undefined {
  let table = near;
  let active = builder.unsure;
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    const next = emptyTable();
    const changed = cutAll(table, next, builder, active, budget);
    if (changed === undefined) return undefined;
    table = next;
    if (!changed.includes(1)) return table;
    active = unsureAround(table, changed, builder.unsure);
  }
  return undefined;
}

/** Fills the next table. Returns Uint8Array[n], 1 for each cell with a new face; undefined if a cell was torn. */
function cutAll(
  table: FaceTable,
  next: FaceTable,
  builder: CellBuilder,
  active: Uint8Array,
  budget: StepBudget,
): Uint8Array | undefined {
  const { sites, found, cell } = builder;
  const changed = new Uint8Array(sites.count);
  const named = facesByNeighbor(table, sites.count);
  for (let site = 0; site < sites.count; site++) {
    builder.begin();
    budget.spend(STEPS_PER_SUM * (table.faceStart[site + 1]! - table.faceStart[site]!), 'cells');
    for (let f = table.faceStart[site]!; f < table.faceStart[site + 1]!; f++) {
      if (!cutBySum(table, builder, site, NO_STEP, f)) return undefined;
    }
    const known = found.count;
    if (active[site] === 1) {
      if (!cutByThoseThatNameIt(table, builder, site, named)) return undefined;
      if (!cutByNextNeighbours(table, builder, site, budget)) return undefined;
    }
    if (next.addCell(sites, site, found, cell, known) > 0) changed[site] = 1;
  }
  return changed;
}

function cutByThoseThatNameIt(table: FaceTable, builder: CellBuilder, site: number, named: Named): boolean {
  const { image } = table;
  for (let p = named.start[site]!; p < named.start[site + 1]!; p++) {
    const f = named.faces[p]!;
    const back = [-image[3 * f]!, -image[3 * f + 1]!, -image[3 * f + 2]!] as const;
    builder.sites.appendOriginalImage(site, named.owner[p]!, back, builder.found);
    if (!builder.cutByLast()) return false;
  }
  return true;
}

function cutByNextNeighbours(table: FaceTable, builder: CellBuilder, site: number, budget: StepBudget): boolean {
  const { faceStart, neighbor } = table;
  for (let f = faceStart[site]!; f < faceStart[site + 1]!; f++) {
    const other = neighbor[f]!;
    budget.spend(STEPS_PER_SUM * (faceStart[other + 1]! - faceStart[other]!), 'cells');
    for (let g = faceStart[other]!; g < faceStart[other + 1]!; g++) {
      if (!cutBySum(table, builder, site, f, g)) return false;
    }
  }
  return true;
}

const NO_STEP = -1;

/** Cuts by the site at the end of two steps, unless they lead back to the start. False if the cell is torn. */
function cutBySum({ image, neighbor }: FaceTable, builder: CellBuilder, site: number, f: number, g: number): boolean {
  const { sites, found, cell } = builder;
  const along = (k: number) => image[3 * g + k]! + (f === NO_STEP ? 0 : image[3 * f + k]!);
  const sum = [along(0), along(1), along(2)] as const;
  if (neighbor[g] === site && sum[0] === 0 && sum[1] === 0 && sum[2] === 0) return true;
  sites.appendOriginalImage(site, neighbor[g]!, sum, found);
  if (found.length2[found.count - 1]! < 4 * cell.radius2Max) return builder.cutByLast();
  found.count--;
  return true;
}

interface Named {
  /** Int32Array[n + 1]: the faces towards site i are `faces[start[i]]` to before `faces[start[i + 1]]`. */
  readonly start: Int32Array;
  readonly faces: Int32Array;
  /** Int32Array[faces], the site whose cell has the face. */
  readonly owner: Int32Array;
}

function facesByNeighbor({ faceStart, neighbor, count }: FaceTable, siteCount: number): Named {
  const start = new Int32Array(siteCount + 1);
  for (let f = 0; f < count; f++) start[neighbor[f]! + 1] = start[neighbor[f]! + 1]! + 1;
  for (let i = 0; i < siteCount; i++) start[i + 1] = start[i + 1]! + start[i]!;
  const next = start.slice();
  const faces = new Int32Array(count);
  const owner = new Int32Array(count);
  for (let i = 0; i < siteCount; i++) {
    for (let f = faceStart[i]!; f < faceStart[i + 1]!; f++) {
      const at = next[neighbor[f]!]!;
      next[neighbor[f]!] = at + 1;
      faces[at] = f;
      owner[at] = i;
    }
  }
  return { start, faces, owner };
}

/** Uint8Array[n]: the unsure cells that changed or share a face with a changed cell. */
function unsureAround({ faceStart, neighbor }: FaceTable, changed: Uint8Array, unsure: Uint8Array): Uint8Array {
  const active = Uint8Array.from(changed);
  for (let i = 0; i < changed.length; i++) {
    for (let f = faceStart[i]!; f < faceStart[i + 1]!; f++) {
      if (changed[i] === 1) active[neighbor[f]!] = 1;
      if (changed[neighbor[f]!] === 1) active[i] = 1;
    }
  }
  return active.map((x, i) => x & unsure[i]!);
}
