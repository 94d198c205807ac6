import type { Label } from '../model/label.ts';
import type { Topics } from '../model/topics.ts';
import type { Projection } from './projection.ts';

/** How a calculation ended; without a label where its result was refused. */
export interface CalculationEnding {
  /** RFC 3339. */
  readonly at: string;
  readonly label?: Label;
}

/** What came of the calculations of a label set that came to a label or a refusal. */
export interface CalculationEndings extends Projection {
  of(calculationId: string): CalculationEnding | undefined;
}

/** The provenance of a label that a calculation gave. */
const CALCULATION = /^calculation:/;

export function createCalculationEndings({ examples, rejections }: Topics, labelSet: string): CalculationEndings {
  const endings = new Map<string, CalculationEnding>();
  const note = (id: string, ending: CalculationEnding) => {
    if (!endings.has(id)) endings.set(id, ending);
  };
  return {
    topics: [examples, rejections],
    of: (calculationId) => endings.get(calculationId),
    take({ event, time: at }) {
      if (event.type === 'ExampleFormed') {
        const { label } = event;
        if (label.labelSet === labelSet) note(label.provenance.replace(CALCULATION, ''), { at, label });
      } else if (event.type === 'InputRejected' && event.calculationId !== undefined) note(event.calculationId, { at });
    },
  };
}
