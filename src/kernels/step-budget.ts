import { RejectedInput } from '../model/rejection.ts';

/**
 * What one structure may cost: steps, each some nanoseconds of CPU (a vertex compared with a plane, a site or a box looked
 * at, a face followed), so that the outcome is the same on every machine.
 */
export const STEPS_MAX = 4e8;

/** What a step is spent on, and what makes it dear. */
const REMEDIES = {
  cells:
    'atoms around a hollow or in much vacuum share very many faces: give less vacuum, a smaller piece or fewer sites',
  order: 'some cells have thousands of faces: give less vacuum, a smaller piece or fewer sites',
  symmetry: 'nearly every symmetry nearly fits: give the primitive cell, a smaller supercell, or exact coordinates',
} as const;

export type CostlyPart = keyof typeof REMEDIES;

const NAMES: Record<CostlyPart, string> = {
  cells: 'the Voronoi cells',
  order: 'the neighbours of neighbours',
  symmetry: 'the search for symmetry',
};

/** Counts the steps of one structure, and refuses it when they are too many. */
export class StepBudget {
  /** Spent so far. */
  steps = 0;
  private readonly stepsMax: number;
  private readonly siteCount: number;

  constructor(siteCount: number, stepsMax = STEPS_MAX) {
    this.siteCount = siteCount;
    this.stepsMax = stepsMax;
  }

  /** @throws RejectedInput `too_costly` */
  spend(steps: number, part: CostlyPart): void {
    this.steps += steps;
    if (this.steps > this.stepsMax) this.refuse(part);
  }

  private refuse(part: CostlyPart): never {
    throw new RejectedInput(
      'too_costly',
      `${this.siteCount} sites need over ${this.stepsMax} steps, the most allowed, and ${NAMES[part]} are not done: ${REMEDIES[part]}`,
    );
  }
}
