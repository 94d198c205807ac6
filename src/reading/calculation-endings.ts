import type { Label } from '../model/label.ts';
import type { Topics } from '../model/topics.ts';
import type { Projection } from './projection.ts';

/** How a calculation ended. It has no label if its result was refused. */
export interface CalculationEnding {
  /** RFC 3339. */
  readonly at: string;
  readonly label?: Label;
}

/** The endings of a label set's calculations: a label or a refusal. */
export interface CalculationEndings extends Projection {
  of(calculationId: string): CalculationEnding | undefined;
}

/** Such a provenance says that a calculation gave the label. */
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
