import { compareIds } from '../model/id-order.ts';
import type { Label } from '../model/label.ts';
import type { Topics } from '../model/topics.ts';
import type { Projection } from './projection.ts';

/** How a calculation ended. It has no label if its result was refused. */
export interface CalculationEnding {
  /** RFC 3339. */
  readonly at: string;
  readonly label?: Label;
}

/** The endings of a label set's calculations: a label, the one that corrects it, or a refusal. */
export interface CalculationEndings extends Projection {
  of(calculationId: string): CalculationEnding | undefined;
}

/** Such a provenance says that a calculation gave the label. */
const CALCULATION = /^calculation:/;

export function createCalculationEndings({ examples, rejections }: Topics, labelSet: string): CalculationEndings {
  const endings = new Map<string, CalculationEnding>();
  /** By the label that is corrected. */
  const corrections = new Map<string, CalculationEnding[]>();
  const note = (id: string, ending: CalculationEnding) => {
    if (!endings.has(id)) endings.set(id, ending);
  };
  return {
    topics: [examples, rejections],
    of(calculationId) {
      const ending = endings.get(calculationId);
      return ending && corrected(ending, corrections);
    },
    take({ event, time: at }) {
      if (event.type === 'ExampleFormed') {
        const { label } = event;
        if (label.labelSet !== labelSet) return;
        const { supersedes } = label;
        if (supersedes === undefined) note(label.provenance.replace(CALCULATION, ''), { at, label });
        else corrections.set(supersedes, [...(corrections.get(supersedes) ?? []), { at, label }]);
      } else if (event.type === 'InputRejected' && event.calculationId !== undefined) note(event.calculationId, { at });
    },
  };
}

/** As `acceptedLabel` follows corrections: of several, the one of the smallest id. */
function corrected(
  ending: CalculationEnding,
  corrections: ReadonlyMap<string, readonly CalculationEnding[]>,
): CalculationEnding {
  const standing: CalculationEnding[] = [];
  const visit = (one: CalculationEnding): void => {
    const later = corrections.get(one.label?.id ?? '') ?? [];
    if (later.length === 0) standing.push(one);
    for (const next of later) visit(next);
  };
  visit(ending);
  return standing.sort((a, b) => compareIds(a.label?.id ?? '', b.label?.id ?? ''))[0]!;
}
