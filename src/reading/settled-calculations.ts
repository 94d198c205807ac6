import type { CalculationHalted, CalculationSettled } from '../learning/campaign/campaign-events.ts';
import type { ContentHash } from '../model/content-hash.ts';
import type { Topics } from '../model/topics.ts';
import type { CampaignStates } from './campaign-states.ts';
import type { Projection } from './projection.ts';

/*
 * Invariants:
 * 1. What comes in whatever order of the topics gives the same states: a calculation's end that comes before the selection
 *    it belongs to is kept until then.
 * 2. A calculation counts as labelled when its example is there, so that the next snapshot holds it.
 */

/** Adds to campaigns' states what other streams say of the calculations that they have selected. */
export interface SettledCalculations extends Projection {
  /** Which rounds have selected a calculation. */
  selectedBy(calculationId: ContentHash): readonly RoundName[];
}

interface RoundName {
  readonly campaign: string;
  readonly round: number;
}

/** What the log says of a calculation: its end, or what keeps it from one. */
type Said = Omit<CalculationSettled, Place> | Omit<CalculationHalted, Place>;
type Place = 'round' | 'calculationId';

const CALCULATION = /^calculation:(h1:[0-9a-f]{64})$/;

export function createSettledCalculations(
  states: CampaignStates,
  { examples, rejections, calculations }: Topics,
): SettledCalculations {
  const selectedBy = new Map<ContentHash, RoundName[]>();
  const saidOf = new Map<ContentHash, Said[]>();

  states.onChange(({ campaign, event }) => {
    if (event.type !== 'Selected') return;
    const { round } = event;
    for (const { calculationId } of event.candidates) {
      selectedBy.set(calculationId, [...(selectedBy.get(calculationId) ?? []), { campaign, round }]);
      for (const said of saidOf.get(calculationId) ?? []) states.add(campaign, { round, calculationId, ...said }); // 1
    }
  });

  function note(calculationId: ContentHash, said: Said): void {
    saidOf.set(calculationId, [...(saidOf.get(calculationId) ?? []), said]);
    for (const { campaign, round } of selectedBy.get(calculationId) ?? [])
      states.add(campaign, { round, calculationId, ...said });
  }

  function settle(calculationId: ContentHash, end: Omit<CalculationSettled, Place | 'type'>): void {
    note(calculationId, { type: 'CalculationSettled', ...end });
  }

  return {
    topics: [examples, rejections, calculations],
    selectedBy: (calculationId) => selectedBy.get(calculationId) ?? [],
    take({ event }) {
      if (event.type === 'ExampleFormed') {
        const calculationId = CALCULATION.exec(event.label.provenance)?.[1] as ContentHash | undefined;
        if (calculationId) settle(calculationId, { outcome: 'labelled', labelId: event.label.id }); // 2
      } else if (event.type === 'InputRejected') {
        if (event.calculationId) settle(event.calculationId, { outcome: 'rejected' });
      } else if (event.type === 'CalculationHalted') {
        const { type, calculationId, parkings, reason } = event;
        note(calculationId, { type, parkings, reason });
      } else if (event.type === 'CalculationAbandoned') settle(event.calculationId, { outcome: 'abandoned' });
    },
  };
}
