import { turned } from '../../kernels/elasticity/finite-strain.ts';
import { freeCoordinates } from '../../kernels/elasticity/representative-strains.ts';
import { stressMatrix, stressVector } from '../../kernels/elasticity/strain-states.ts';
import type { SymmetrizedCell } from '../../kernels/symmetrized-cell.ts';
import type { CalculationRun } from '../../model/calculation-run.ts';
import { createLattice, type Matrix3, multiply3 } from '../../model/lattice.ts';
import { createStructure } from '../../model/structure.ts';
import type { Plan } from '../elastic/plan.ts';
import type { PwTask } from './pw-runs.ts';

/** What a crystal is taken for until its own stresses say more, GPa. */
const GUESS = { bulk: 100, shear: 50 };
const STEPS_MAX = 12;
/** A component of the strain changes by no more in one step: a guess that is far too soft must not tear the cell. */
const STEP_STRAIN_MAX = 0.04;

/**
 * The cell whose stress is below the limit, with the run that found it so; or why there is none.
 *
 * Each step is a fixed cell with its own basis, so no stress of an outdated basis is left. The strain goes down the stress
 * with an isotropic compliance, which Broyden's rank-one updates correct; where symmetry leaves one freedom, as in cubic
 * crystals, that is the secant on the pressure (C. G. Broyden, Math. Comp. 19, 577 (1965), method 1).
 */
export function* relaxedCell(
  cell: SymmetrizedCell,
  mesh: readonly number[],
  stressMaxGpa: number,
): Plan<PwTask, CalculationRun | string> {
  const { atomicNumbers, lattice } = cell.structure;
  const calculation = freeCoordinates(cell.operations, new Float64Array(9)) > 0 ? 'relax' : 'scf';
  let coords = cell.structure.fracCoords;
  let compliance = isotropicCompliance();
  let strain: Vector = new Float64Array(6);
  let last: { readonly stress: Vector; readonly move: Vector } | undefined;
  for (let step = 1; step <= STEPS_MAX; step++) {
    const strained = createLattice(multiply3(lattice.matrix, stretch(strain)));
    const structure = createStructure(strained, atomicNumbers, coords);
    const [run] = yield [{ name: `cell-${step}`, structure, calculation, mesh }];
    // Where no atom moves, the cell that was asked for has more digits than the one that pw.x prints.
    if (calculation === 'relax') coords = run!.structure.fracCoords;
    const stress = symmetricPart(run!.stress!, cell);
    if (largest(stress) <= stressMaxGpa) {
      return { ...run!, structure: createStructure(strained, atomicNumbers, coords) };
    }
    if (last !== undefined) compliance = corrected(compliance, last.move, sum(stress, last.stress, -1));
    const move = limited(times(compliance, stress).map((value) => -value));
    last = { stress, move };
    strain = sum(strain, move);
  }
  const rest = largest(last!.stress).toFixed(2);
  return `no cell without stress was found in ${STEPS_MAX} steps, ${rest} GPa are left: raise the cut-offs or stress_max_gpa`;
}

/** Float64Array[6], Voigt order, shears of strains doubled. */
type Vector = Float64Array;

/** Float64Array[36], row-major, 1/GPa. */
function isotropicCompliance(): Float64Array {
  const { bulk, shear } = GUESS;
  const [axial, mixed] = [1 / (9 * bulk) + 1 / (3 * shear), 1 / (9 * bulk) - 1 / (6 * shear)];
  const at = (i: number, j: number) => {
    if (i < 3 && j < 3) return i === j ? axial : mixed;
    return i === j ? 1 / shear : 0;
  };
  return Float64Array.from({ length: 36 }, (_, k) => at(Math.floor(k / 6), k % 6));
}

/** Broyden's update of an inverse: H + (s - H y) (s^T H) / (s^T H y), of a move s that changed the stress by y. */
function corrected(h: Float64Array, move: Vector, change: Vector): Float64Array {
  const predicted = times(h, change);
  const row = Float64Array.from({ length: 6 }, (_, j) => move.reduce((total, s, i) => total + s * h[6 * i + j]!, 0));
  const scale = move.reduce((total, s, i) => total + s * predicted[i]!, 0);
  // No change of stress, or one against the strain: the guess is better than what noise would make of it.
  if (!(scale > 0)) return h;
  return h.map((value, k) => {
    const [i, j] = [Math.floor(k / 6), k % 6];
    return value + ((move[i]! - predicted[i]!) * row[j]!) / scale;
  });
}

function stretch(v: Vector): Matrix3 {
  const [xy, zx, yz] = [v[5]! / 2, v[4]! / 2, v[3]! / 2];
  return Float64Array.of(1 + v[0]!, xy, zx, xy, 1 + v[1]!, yz, zx, yz, 1 + v[2]!);
}

/** pw.x drops operations that do not fit its grids; what they would have cancelled is noise. */
function symmetricPart(stress: Vector, { operations }: SymmetrizedCell): Vector {
  const matrix = stressMatrix(stress);
  const mean = new Float64Array(6);
  for (const { rotation } of operations) {
    const image = stressVector(turned(matrix, rotation));
    for (let i = 0; i < 6; i++) mean[i]! += image[i]! / operations.length;
  }
  return mean;
}

function limited(move: Vector): Vector {
  const scale = Math.min(1, STEP_STRAIN_MAX / largest(move));
  return move.map((value) => scale * value);
}

function times(matrix: Float64Array, v: Vector): Vector {
  return Float64Array.from({ length: 6 }, (_, i) =>
    v.reduce((total, value, j) => total + matrix[6 * i + j]! * value, 0),
  );
}

function sum(a: Vector, b: Vector, sign = 1): Vector {
  return a.map((value, i) => value + sign * b[i]!);
}

function largest(v: Vector): number {
  return v.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
