import type {
  CalculationHalted,
  CalculationSettled,
  CampaignEvent,
  Selected,
} from '../../src/learning/campaign/campaign-events.ts';
import { type CampaignState, evolve, initialState } from '../../src/learning/campaign/campaign-state.ts';
import { currentRound } from '../../src/learning/campaign/campaign-step.ts';
import type { MaterialCatalogue } from '../../src/learning/data/material-catalogue.ts';
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
  /** How many waits are remembered. */
  waiting(): number;
}

/** What the log says of a calculation: its end, or what keeps it from one. */
type Said = Omit<CalculationSettled, Place> | Omit<CalculationHalted, Place>;
type Place = 'round' | 'calculationId';

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
  const saidOf = new Map<ContentHash, Said[]>();
  const state = (campaign: string) => states.get(campaign) ?? initialState();
  const evolved = (campaign: string, event: CampaignEvent) => {
    const before = state(campaign);
    const after = evolve(before, event);
    if (after !== before) states.set(campaign, after);
    return after !== before;
  };

  function note(calculationId: ContentHash, said: Said): void {
    saidOf.set(calculationId, [...(saidOf.get(calculationId) ?? []), said]);
    for (const { campaign, round } of wantedBy.get(calculationId) ?? [])
      evolved(campaign, { round, calculationId, ...said });
  }

  function settle(calculationId: ContentHash, end: Omit<CalculationSettled, Place | 'type'>): void {
    note(calculationId, { type: 'CalculationSettled', ...end });
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
    const wasParked = state(campaign).parked !== undefined;
    if (!evolved(campaign, event)) return;
    if (event.type === 'CampaignCreated') completeSources();
    else if (event.type === 'Selected') want(campaign, event, time);
    else if (event.type === 'RoundClosed') waits.end(`${campaign} ${event.round}`);
    else if (event.type === 'CampaignStopped') waits.end(`${campaign} ${currentRound(state(campaign))}`);
    else if (event.type === 'CampaignResumed' && wasParked) beginWaiting(campaign, currentRound(state(campaign)), time);
  }

  function want(campaign: string, { round, candidates }: Selected, time: string): void {
    beginWaiting(campaign, round, time);
    for (const { calculationId } of candidates) {
      wantedBy.set(calculationId, [...(wantedBy.get(calculationId) ?? []), { campaign, round }]);
      for (const said of saidOf.get(calculationId) ?? []) evolved(campaign, { round, calculationId, ...said }); // 1
    }
  }

  function beginWaiting(campaign: string, round: number, time: string): void {
    const { created, rounds } = state(campaign);
    const { selected, outcomes } = rounds.get(round) ?? {};
    if (selected === undefined || outcomes !== undefined) return;
    const expireAfterMs = 1000 * created!.config.calculator.expireAfterSeconds;
    const calculations = selected.map(({ calculationId }) => calculationId);
    waits.begin(`${campaign} ${round}`, calculations, Date.parse(time), expireAfterMs);
  }

  /** Whether all that wanted the calculation are past it. */
  function isOver(calculationId: ContentHash): boolean {
    const isPast = ({ campaign, round }: { campaign: string; round: number }) =>
      state(campaign).stopped !== undefined || state(campaign).rounds.get(round)?.outcomes !== undefined;
    return wantedBy.get(calculationId)?.every(isPast) ?? false;
  }

  return {
    state,
    names: () => [...states.keys()],
    waiting: waits.remembered,
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
          if (!isOver(event.calculationId)) waits.requested(event.calculationId, Date.parse(time));
          return;
        case 'CalculationHalted': {
          const { type, calculationId, parkings, reason } = event;
          return note(calculationId, { type, parkings, reason });
        }
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
