import { RejectedInput } from '../model/rejection.ts';

/**
 * The largest cost of one structure, in steps. A step takes a few nanoseconds of CPU: compare a vertex with a plane,
 * examine a site or a box, follow a face. Counting steps gives the same outcome on every machine.
 *
 * Measured with Node 20 on a busy two-core machine: 4 to 10 ns per step in long runs, so less than 2 s of CPU in all.
 * None of 22,000 published crystals needs 2e6 steps. 20,000 atoms need 4e7 steps in a crystal and 7e7 to 1.4e8 in a
 * slab with 100 Angstrom of vacuum; 1,500 atoms on a sphere need 6e7 to 1.2e8; 5,000 atoms on a sphere exceed the
 * limit.
 */
export const STEPS_MAX = 1.5e8;

/** What the steps are spent on, and the remedy if it costs too much. */
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

/** Counts the steps of one structure and rejects the structure if they exceed the limit. */
export class StepBudget {
  /** Steps spent so far. */
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
    // Keep an integer in V8's sense whatever the argument: a double here would make V8 compile all counting code again.
    this.steps = sum < 2 ** 31 ? sum | 0 : sum;
  }

  private refuse(part: CostlyPart): never {
    throw new RejectedInput(
      'too_costly',
      `${this.siteCount} sites need over ${this.stepsMax} steps, the most allowed, and ${NAMES[part]} are not done: ${REMEDIES[part]}`,
    );
  }
}
