import type { CalculationSettled, CampaignEvent, SettledOutcome } from '../../src/learning/campaign-events.ts';
import { type CampaignState, evolve, initialState } from '../../src/learning/campaign-state.ts';
import type { MaterialCatalogue } from '../../src/learning/material-catalogue.ts';
import type { ContentHash } from '../../src/model/content-hash.ts';
import type { Topics } from '../../src/model/topics.ts';
import { campaignEventOf } from '../../src/runtime/campaign-events-of.ts';
import { addToCatalogue } from '../../src/runtime/catalogued-events.ts';
import type { Received } from '../../src/runtime/decode-records.ts';
import { createCalculationWaits } from './calculation-waits.ts';

/*
 * Invariants:
 * 1. What reaches this node in whatever order of the topics gives the same states: a calculation's end that comes before
 *    the selection it belongs to is kept until then.
 * 2. A calculation counts as labelled when its example is there, so that the next snapshot holds it.
 */

/** All campaigns of the log, and what other streams say of them. */
export interface CampaignFacts {
  take(received: Received): void;
  names(): readonly string[];
  state(campaign: string): CampaignState;
  /** When the round's calculations have been awaited for long enough, by this process's monotonic clock. */
  expiryMs(campaign: string, round: number): number;
}

interface Ended {
  readonly outcome: SettledOutcome;
  readonly labelId?: ContentHash;
}

const CALCULATION = /^calculation:(h1:[0-9a-f]{64})$/;

/** @param monotonic this process's clock for what passes */
export function createCampaignFacts(
  topics: Topics,
  catalogue: MaterialCatalogue,
  monotonic: () => number = () => 0,
): CampaignFacts {
  const states = new Map<string, CampaignState>();
  const waits = createCalculationWaits(monotonic);
  /** Which rounds wait for a calculation. */
  const wantedBy = new Map<ContentHash, { campaign: string; round: number }[]>();
  const ended = new Map<ContentHash, Ended[]>();
  const state = (campaign: string) => states.get(campaign) ?? initialState();
  const evolved = (campaign: string, event: CampaignEvent) => {
    const before = state(campaign);
    const after = evolve(before, event);
    if (after !== before) states.set(campaign, after);
    return after !== before;
  };

  function settle(calculationId: ContentHash, end: Ended): void {
    ended.set(calculationId, [...(ended.get(calculationId) ?? []), end]);
    for (const { campaign, round } of wantedBy.get(calculationId) ?? []) apply(campaign, round, calculationId, end);
  }

  function apply(campaign: string, round: number, calculationId: ContentHash, end: Ended): void {
    const settled: CalculationSettled = { type: 'CalculationSettled', round, calculationId, ...end };
    evolved(campaign, settled);
  }

  function completeSources(): void {
    for (const [campaign, { created, sources }] of states) {
      for (const source of created?.sources ?? []) {
        if (sources.has(source)) continue;
        const completed = catalogue.completedSource(source, ['features', 'examples']);
        if (completed) evolved(campaign, { type: 'SourceCompleted', source, ...completed });
      }
    }
  }

  function takeCampaignEvent(event: CampaignEvent, campaign: string, time: string): void {
    if (!evolved(campaign, event)) return;
    if (event.type === 'CampaignCreated') completeSources();
    if (event.type !== 'Selected') return;
    const expireAfterMs = 1000 * state(campaign).created!.config.calculator.expireAfterSeconds;
    const calculations = event.candidates.map(({ calculationId }) => calculationId);
    waits.begin(`${campaign} ${event.round}`, calculations, Date.parse(time), expireAfterMs);
    for (const { calculationId } of event.candidates) {
      const wanting = { campaign, round: event.round };
      wantedBy.set(calculationId, [...(wantedBy.get(calculationId) ?? []), wanting]);
      for (const end of ended.get(calculationId) ?? []) apply(campaign, event.round, calculationId, end); // 1
    }
  }

  return {
    state,
    names: () => [...states.keys()],
    expiryMs: (campaign, round) => waits.overAtMs(`${campaign} ${round}`),
    take(received) {
      const { event, time } = received;
      addToCatalogue(catalogue, topics, received);
      switch (event.type) {
        case 'ExampleFormed': {
          const calculationId = CALCULATION.exec(event.label.provenance)?.[1] as ContentHash | undefined;
          if (calculationId) settle(calculationId, { outcome: 'labelled', labelId: event.label.id }); // 2
          return;
        }
        case 'SourcePartitionCompleted':
          return completeSources();
        case 'InputRejected':
          if (event.calculationId) settle(event.calculationId, { outcome: 'rejected' });
          return;
        case 'CalculationRequested':
          return waits.requested(event.calculationId, Date.parse(time));
        case 'CalculationAbandoned':
          return settle(event.calculationId, { outcome: 'abandoned' });
        default: {
          const said = campaignEventOf(received);
          if (said) takeCampaignEvent(said.event, said.campaign, time);
        }
      }
    },
  };
}
