import { RejectedInput } from './rejection.ts';
import type { Structure } from './structure.ts';
import type { MeasuredValues } from './target.ts';

/** A stiffness as a run printed it: not yet checked for symmetry or stability. */
export interface RunTensor {
  /** Float64Array[36], row-major, Voigt order XX YY ZZ YZ ZX XY, GPa. */
  readonly stiffness: Float64Array;
  /** False if the atoms were held in place while the cell was strained. */
  readonly relaxedIon: boolean;
}

/** What a run of a DFT code says about one cell, whatever the code. An absent property is not known. */
export interface CalculationRun {
  /** `VASP 5.4.4`, `Quantum ESPRESSO 6.7`. */
  readonly code: string;
  /** `PBE`, `PBEsol`, `PBE+U`. */
  readonly functional?: string;
  /** The cell to which energy, stress and forces belong: the last one, or the undistorted one of finite differences. */
  readonly structure: Structure;
  /** The cell that the run started from. */
  readonly initialStructure?: Structure;
  /** eV per cell, extrapolated to zero smearing where the code does so. */
  readonly energy?: number;
  /** Float64Array[6]: Cauchy stress, Voigt order XX YY ZZ YZ ZX XY, GPa, positive if the cell would shrink. */
  readonly stress?: Float64Array;
  /** Float64Array[3n], row-major, Cartesian, eV/Angstrom. */
  readonly forces?: Float64Array;
  readonly tensor?: RunTensor;
  /** Properties that the file names besides these. */
  readonly properties?: MeasuredValues;
  /** Whether the run came to its end, rather than being stopped, killed or still going on. */
  readonly isFinished: boolean;
  /** Whether the electrons are converged wherever a number above depends on it. */
  readonly isElectronicConverged: boolean;
  /** Whether the relaxation is converged; true for a run that relaxes nothing. */
  readonly isIonicConverged: boolean;
}

/**
 * Refuses a run whose numbers are no results.
 * @throws RejectedInput `unfinished`, `unconverged`
 */
export function assertUsable(run: CalculationRun): void {
  if (!run.isFinished) {
    const cause = 'it is still running, was stopped, or the file is cut short';
    throw new RejectedInput('unfinished', `the ${run.code} run did not come to its end: ${cause}`);
  }
  if (!run.isElectronicConverged) {
    const remedy = 'allow more steps or another algorithm and run it again';
    throw new RejectedInput('unconverged', `the electrons of the ${run.code} run are not converged: ${remedy}`);
  }
  if (!run.isIonicConverged) {
    const remedy = 'continue it from its last structure';
    throw new RejectedInput('unconverged', `the relaxation of the ${run.code} run ran out of steps: ${remedy}`);
  }
}
