import { describe, expect, it } from 'vitest';
import { createAwaitedCalculations } from '../../../services/acquisition/awaited-calculations.ts';
import type { RoundOpened, Selected } from '../../../src/learning/campaign/campaign-events.ts';
import type { DomainEvent } from '../../../src/protocol/domain-event.ts';
import { createCampaignStates } from '../../../src/reading/campaign-states.ts';
import { createSettledCalculations } from '../../../src/reading/settled-calculations.ts';
import { CONFIG, created, runCampaign } from '../../support/campaigns.ts';
import { SIMULATED_TOPICS as topics } from '../../support/simulation/service-world.ts';

const { campaign: STREAM } = runCampaign(created({ stop: { rounds: 1 } }), ['a', 'b', 'c']);
const UNTIL_SELECTED = STREAM.slice(0, STREAM.findIndex(({ type }) => type === 'Selected') + 1) as DomainEvent[];
const SELECTED = UNTIL_SELECTED.at(-1) as Selected;

function open() {
  let nowMs = 0;
  const states = createCampaignStates(topics.campaigns);
  const calculations = createSettledCalculations(states, topics);
  const awaited = createAwaitedCalculations({ states, calculations, topics, monotonic: () => nowMs });
  const take = (event: DomainEvent) => {
    const place = { key: 'test', topic: 't', partition: 0, offset: 0, id: 'x', time: '2026-01-01T00:00:01.000Z' };
    for (const projection of [states, calculations, awaited]) projection.take({ event, ...place });
  };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { awaited, take, pass, state: () => states.state('test') };
}

describe('awaited calculations', () => {
  it("count the wait from when the accepted selection was read, not a deposed writer's", () => {
    const { awaited, take, pass } = open();
    const [opened] = UNTIL_SELECTED.filter(({ type }) => type === 'RoundOpened') as RoundOpened[];
    for (const event of UNTIL_SELECTED.slice(0, -1)) take(event);
    take({ ...SELECTED, epoch: opened!.epoch + 1, writer: 'deposed' });
    pass(500);
    expect(awaited.expiryMs('test', 1)).toBe(0);
    take(SELECTED);
    pass(250);
    expect(awaited.expiryMs('test', 1)).toBe(500 + 1000 * CONFIG.calculator.expireAfterSeconds);
  });

  it('are over after max_wait, where that comes before they expire', () => {
    for (const [maxWaitSeconds, seconds] of [
      [0.5, 0.5],
      [2, 1],
    ] as const) {
      const { awaited, take } = open();
      const calculator = { ...CONFIG.calculator, maxWaitSeconds };
      const stream = runCampaign(created({ stop: { rounds: 1 }, calculator }), ['a', 'b', 'c']).campaign;
      for (const event of stream.slice(0, stream.findIndex(({ type }) => type === 'Selected') + 1))
        take(event as DomainEvent);
      expect(awaited.expiryMs('test', 1)).toBe(1000 * seconds);
    }
  });

  it('begin to wait anew where a campaign is resumed after it was parked, and not after a pause', () => {
    const { awaited, take, pass } = open();
    const after = 1000 * CONFIG.calculator.expireAfterSeconds;
    for (const event of UNTIL_SELECTED) take(event);
    const authored = (sequence: number) => ({ epoch: SELECTED.epoch, writer: SELECTED.writer, sequence });
    pass(0.9 * after);
    take({ type: 'CampaignPaused', ...authored(SELECTED.sequence + 1) });
    take({ type: 'CampaignResumed', ...authored(SELECTED.sequence + 2) });
    expect(awaited.expiryMs('test', 1)).toBe(after);
    take({ type: 'CampaignParked', reason: 'the disk is full', ...authored(SELECTED.sequence + 3) });
    pass(10 * after);
    take({ type: 'CampaignResumed', ...authored(SELECTED.sequence + 4) });
    expect(awaited.expiryMs('test', 1)).toBe(11.9 * after);
  });

  it.each([
    ['as it comes', false],
    ['after all campaigns', true],
  ])('remember nothing of the waits of rounds that are over: %s', (_, isLast) => {
    const { awaited, state, take } = open();
    const { campaign } = runCampaign(created(), ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], () => 'never');
    const late: DomainEvent[] = [];
    for (const event of campaign as DomainEvent[]) {
      take(event);
      if (event.type !== 'Selected') continue;
      for (const { calculationId, materialId, materialHash } of event.candidates) {
        const what = { calculationId, materialId, materialHash, recipe: '{}', attemptsMax: 1, parkings: 0 };
        const requested = { type: 'CalculationRequested', ...what, labelSet: 'campaign:test' } as const;
        if (isLast) late.push(requested);
        else take(requested);
      }
    }
    for (const event of late) take(event);
    expect(state().rounds.size).toBeGreaterThan(3);
    expect(awaited.waiting()).toBe(0);
  });
});
