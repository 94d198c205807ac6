import type { LabelMethod } from './label.ts';
import type { MaterialId } from './material-id.ts';
import type { Structure } from './structure.ts';

/** A calculation of an elastic workflow: the relaxation of a cell, or a relaxation of ions in a deformed one. */
export interface ElasticRun {
  readonly id: MaterialId;
  readonly role: 'parent' | 'deformed';
  /** The cell at the end of the run. */
  readonly structure: Structure;
  /** Float64Array[9], row-major, x' = F x, where the workflow recorded it. */
  readonly gradient?: Float64Array;
  /** Float64Array[9], row-major: Cauchy stress at the end of the run, GPa, positive if the cell would shrink. */
  readonly stress?: Float64Array;
  readonly method: LabelMethod;
  /** Why its stress means nothing; absent of a good run. */
  readonly failure?: string;
  /** As the program wrote it: of two runs of one deformation the later counts. */
  readonly completedAt?: string;
}
