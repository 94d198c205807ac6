import type { CalculationSettled, HaltedFact } from '../learning/campaign/campaign-events.ts';
import type { ContentHash } from '../model/content-hash.ts';
import type { Topics } from '../model/topics.ts';
import type { CampaignStates } from './campaign-states.ts';
import type { Projection } from './projection.ts';

/*
 * Invariants:
 * 1. The order between the topics does not change the states: the end of a calculation is kept for a selection that is
 *    read later.
 * 2. A calculation counts as labelled when its example exists, so that the next snapshot contains it.
 */

/** Adds to the campaigns' states how the calculations end that they have selected, or what stops them. */
export interface SettledCalculations extends Projection {
  /** The rounds that have selected a calculation. */
  selectedBy(calculationId: ContentHash): readonly RoundName[];
}

interface RoundName {
  readonly campaign: string;
  readonly round: number;
}

/** The end of a calculation, or what stops it, without the round. */
type Said = Omit<CalculationSettled, Place> | Omit<HaltedFact, Place>;
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
