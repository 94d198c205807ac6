import { AppError } from '../../model/app-error.ts';
import type { Structure } from '../../model/structure.ts';
import { StepBudget } from '../step-budget.ts';
import { agreedCells } from './agreed-cells.ts';
import { CellBuilder } from './cell-builder.ts';
import { FaceTable } from './face-table.ts';
import { PeriodicSites } from './periodic-sites.ts';
import type { Tessellation } from './tessellation.ts';

/**
 * A vertex is cut off if it lies farther than this beyond the plane, Angstrom. Rounding noise is about 1e-15, but 1e-14
 * already tears very flat cells; published coordinates end at 1e-7. So 1e-11 lies between; the faces that it loses are
 * no wider than that. The other values are tried in turn if a cell is torn.
 */
const TOLERANCES = [1e-11, 1e-10, 1e-9, 1e-12, 1e-8, 1e-7, 1e-6];
/**
 * The relative error allowed between the sum of the cell volumes and the lattice's volume: real crystals show 1e-12,
 * cells 10,000 Angstrom long 1e-9.
 */
const VOLUME_ERROR_MAX = 1e-7;
/**
 * The limit of boxes and sites examined for one corner's nearest site. It is too small only if very many sites are
 * about equally near (the middle of a ring, a cage or a sphere of atoms); then the cells are made to agree instead.
 * With fewer sites, or with sites arranged as in a crystal, it always suffices.
 */
const VISITS_MAX = 256;

export interface TessellationOptions {
  /** Compute solid angles too. They cost an arc tangent per edge, and no feature needs them. */
  readonly solidAngles?: boolean;
  /** The structure's sites, if something else needs them too. */
  readonly sites?: PeriodicSites;
  /** The limit of the cost; by default the limit of one structure. */
  readonly budget?: StepBudget;
}

/**
 * The periodic Voronoi tessellation of a crystal.
 *
 * Method: each cell starts as a cube that surely contains it. It is cut by the bisector planes of its neighbours,
 * nearest first, until twice its radius is less than the searched distance, so that no farther site can reach it. In
 * vacuum, search for the nearest site of each corner instead; if even that costs too much, cut each cell by the
 * neighbours of its neighbours until all cells agree (see agreedCells).
 * Source: Rycroft, Chaos 19 (2009) 041111, DOI 10.1063/1.3215722 (cutting, and the stopping rule); Ward et al., Phys.
 * Rev. B 96 (2017) 024104, DOI 10.1103/PhysRevB.96.024104 (its use for features).
 * Returns: faces in compressed sparse rows; see Tessellation for shapes and units.
 * Ensures: volumes sum to the lattice's within 1e-7 (real crystals: 1e-12); each face has its twin on the other side.
 * Degenerate cases: faces of area zero (where more than three planes meet in a point) are omitted.
 * Errors: RejectedInput `overlapping_sites` if two sites are nearer to each other than 0.1 Angstrom, `too_costly` if
 * the budget is exceeded.
 * Known value: one site in an fcc lattice of edge a has 12 faces of area a^2 / (4 sqrt 2) and volume a^3 / 4.
 */
export function tessellate(structure: Structure, options: TessellationOptions = {}): Tessellation {
  const { volume } = structure.lattice;
  const budget = options.budget ?? new StepBudget(structure.atomicNumbers.length);
  const sites = options.sites ?? new PeriodicSites(structure, budget);
  const emptyTable = () => new FaceTable(sites.count, options.solidAngles ?? false, budget);
  for (const tolerance of TOLERANCES) {
    const quick = new CellBuilder(sites, tolerance, VISITS_MAX, budget);
    const near = allCells(emptyTable(), quick);
    const areSure = !quick.unsure.includes(1);
    const table = areSure ? near : near && agreedCells(near, quick, emptyTable, budget);
    const tessellation = table?.finish(volume, VOLUME_ERROR_MAX);
    if (tessellation !== undefined) return tessellation;
    if (areSure) continue;
    const thorough = new CellBuilder(sites, tolerance, Number.POSITIVE_INFINITY, budget);
    const exact = allCells(emptyTable(), thorough)?.finish(volume, VOLUME_ERROR_MAX);
    if (exact !== undefined) return exact;
  }
  throw new AppError('internal', 'no tolerance gives a consistent Voronoi tessellation');
}

/** Builds every cell and adds its faces to the table; undefined if the tolerance tore a cell. */
function allCells(table: FaceTable, builder: CellBuilder): FaceTable | undefined {
  for (let site = 0; site < builder.sites.count; site++) {
    if (!builder.build(site)) return undefined;
    table.addCell(builder.sites, site, builder.found, builder.cell);
  }
  return table;
}
