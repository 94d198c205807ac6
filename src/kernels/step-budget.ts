import { RejectedInput } from '../model/rejection.ts';

/**
 * What one structure may cost: steps, each some nanoseconds of CPU (a vertex compared with a plane, a site or a box looked
 * at, a face followed), so that the outcome is the same on every machine.
 *
 * Measured with Node 20 on a busy two-core machine: 4 to 10 ns a step where there are many, so under 2 s of CPU in all.
 * Of 22,000 published crystals none needs 2e6. 20,000 atoms of a crystal need 4e7 steps, of a slab in 100 Angstrom of
 * vacuum 7e7 to 1.4e8, 1,500 on a sphere 6e7 to 1.2e8; 5,000 on a sphere are too many.
 */
export const STEPS_MAX = 1.5e8;

/** What a step is spent on, and what makes it dear. */
const REMEDIES = {
  cells:
    'atoms around a hollow or in much vacuum share very many faces: give less vacuum, a smaller piece or fewer sites',
  order: 'some cells have thousands of faces: give less vacuum, a smaller piece or fewer sites',
  symmetry:
    'very many motions nearly map it onto itself: give the space group, the primitive cell, or a smaller supercell',
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
    const sum = this.steps + steps;
    if (sum > this.stepsMax) this.refuse(part);
    // An integer to V8 too, whatever was given: were it once a double, all code that counts would be compiled again.
    this.steps = sum < 2 ** 31 ? sum | 0 : sum;
  }

  private refuse(part: CostlyPart): never {
    throw new RejectedInput(
      'too_costly',
      `${this.siteCount} sites need over ${this.stepsMax} steps, the most allowed, and ${NAMES[part]} are not done: ${REMEDIES[part]}`,
    );
  }
}
