import { greenLagrangeStrain } from '../../kernels/elasticity/finite-strain.ts';
import type { ElasticRun } from '../../model/elastic-run.ts';
import { inverse3, type Matrix3, multiply3 } from '../../model/lattice.ts';
import type { Structure } from '../../model/structure.ts';

/** Lattice vectors that differ by less are equal: programs write eight digits or so. */
const SAME_LATTICE_ANGSTROM = 1e-4;
/** A deformation strains no axis by more; a cell that would need more is another crystal's. */
const STRAIN_MAX = 0.1;
/** Below it a cell is not deformed at all. */
const STRAIN_MIN = 1e-5;
/** Ions that relax in a strained cell move by hundredths of an Angstrom; polytypes differ by whole bonds. */
const DISPLACEMENT_MAX_ANGSTROM = 0.5;

/** A deformed run, the relaxed cell that it deforms, and by what. */
export interface MatchedRun {
  readonly run: ElasticRun;
  readonly parent: ElasticRun;
  readonly gradient: Matrix3;
}

/**
 * The relaxed cell to which a deformed one belongs: the same sites in the same order, and a lattice that the recorded
 * gradient makes of it, or, where none is recorded, the one that needs the smallest strain.
 */
export function matchParent(run: ElasticRun, parents: readonly ElasticRun[]): MatchedRun | undefined {
  let best: { match: MatchedRun; misfit: number } | undefined;
  for (const parent of parents) {
    const gradient = run.gradient ?? gradientBetween(parent.structure, run.structure);
    if (!isDeformed(parent.structure, run.structure, gradient)) continue;
    const moved = displacement(parent.structure, run.structure);
    if (moved > DISPLACEMENT_MAX_ANGSTROM) continue;
    const misfit = moved + (run.gradient ? 0 : strainSize(gradient));
    if (best === undefined || misfit < best.misfit) best = { match: { run, parent, gradient }, misfit };
  }
  return best?.match;
}

/** The lattice before a recorded deformation; the deformed one where none is recorded. */
export function undeformedLattice({ structure, gradient }: ElasticRun): Matrix3 {
  return gradient ? multiply3(structure.lattice.matrix, transposed(inverse3(gradient))) : structure.lattice.matrix;
}

export function isSameLattice(a: Matrix3, b: Matrix3): boolean {
  return a.every((value, i) => Math.abs(value - b[i]!) < SAME_LATTICE_ANGSTROM);
}

export function isSameSites(a: Structure, b: Structure): boolean {
  const { atomicNumbers } = a;
  return atomicNumbers.length === b.atomicNumbers.length && atomicNumbers.every((z, i) => z === b.atomicNumbers[i]);
}

/** F of L' = L F^T, as rows are lattice vectors. */
function gradientBetween(parent: Structure, deformed: Structure): Matrix3 {
  return transposed(multiply3(inverse3(parent.lattice.matrix), deformed.lattice.matrix));
}

function isDeformed(parent: Structure, deformed: Structure, gradient: Matrix3): boolean {
  if (!isSameSites(parent, deformed)) return false;
  const size = strainSize(gradient);
  if (!(size > STRAIN_MIN && size < STRAIN_MAX)) return false;
  return isSameLattice(multiply3(parent.lattice.matrix, transposed(gradient)), deformed.lattice.matrix);
}

function strainSize(gradient: Matrix3): number {
  return greenLagrangeStrain(gradient).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** How far the farthest site has moved within the cell, Angstrom. */
function displacement(parent: Structure, deformed: Structure): number {
  const { matrix } = parent.lattice;
  let farthest = 0;
  for (let at = 0; at < parent.fracCoords.length; at += 3) {
    const d = [0, 1, 2].map((k) => {
      const difference = deformed.fracCoords[at + k]! - parent.fracCoords[at + k]!;
      return difference - Math.round(difference);
    });
    const x = [0, 1, 2].map((k) => d[0]! * matrix[k]! + d[1]! * matrix[3 + k]! + d[2]! * matrix[6 + k]!);
    farthest = Math.max(farthest, Math.hypot(...x));
  }
  return farthest;
}

function transposed(m: Matrix3): Matrix3 {
  return Float64Array.of(m[0]!, m[3]!, m[6]!, m[1]!, m[4]!, m[7]!, m[2]!, m[5]!, m[8]!);
}
