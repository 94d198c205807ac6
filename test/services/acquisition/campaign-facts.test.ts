import { describe, expect, it } from 'vitest';
import { createCampaignFacts } from '../../../services/acquisition/campaign-facts.ts';
import type { RoundOpened, Selected } from '../../../src/learning/campaign/campaign-events.ts';
import { nextStep } from '../../../src/learning/campaign/campaign-step.ts';
import { MaterialCatalogue } from '../../../src/learning/data/material-catalogue.ts';
import type { InputRejected, SourcePartitionCompleted } from '../../../src/model/events.ts';
import type { DomainEvent } from '../../../src/protocol/domain-event.ts';
import { CONFIG, created, hashOf, runCampaign } from '../../support/campaigns.ts';
import { exampleOf, featurized } from '../../support/catalogues.ts';
import { createSeededRandom } from '../../support/simulation/seeded-random.ts';
import { SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';

const { features, examples, materials } = SIMULATED_TOPICS;
const { campaign: STREAM } = runCampaign(created({ stop: { rounds: 1 } }), ['a', 'b', 'c']);
const UNTIL_SELECTED = STREAM.slice(0, STREAM.findIndex(({ type }) => type === 'Selected') + 1) as DomainEvent[];
const SELECTED = UNTIL_SELECTED.at(-1) as Selected;
const [FIRST, SECOND] = SELECTED.candidates.map(({ calculationId }) => calculationId);
const SOURCE = 'elastic.jsonl';

const exampleOfCalculation = (id = FIRST) =>
  exampleOf(featurized({ id: 'a' }), { g_vrh: 1 }, { provenance: `calculation:${id}`, labelSet: 'campaign:test' });
const rejected = (calculationId = FIRST!): InputRejected => {
  const rejection = { code: 'bad_number', message: 'k is NaN', source: 'calculation' } as const;
  return { type: 'InputRejected', id: hashOf('rejection'), rejection, calculationId };
};
const abandoned = (calculationId = FIRST!): DomainEvent => ({
  ...{ type: 'CalculationAbandoned', calculationId, materialId: 'a' as never, attempts: 1, reason: 'it failed' },
});
const watermarks = (topic: string) =>
  Array.from({ length: materials.partitions }, (_, partition): readonly [DomainEvent, string] => {
    const event: SourcePartitionCompleted = {
      ...{ type: 'SourcePartitionCompleted', source: SOURCE, partition, count: 1, hash: hashOf('ids') },
    };
    return [event, topic];
  });

function open() {
  const catalogue = new MaterialCatalogue({ vectors: false, partitions: materials.partitions });
  let nowMs = 0;
  const facts = createCampaignFacts(SIMULATED_TOPICS, catalogue, () => nowMs);
  let offset = 0;
  const take = (event: DomainEvent, topic = 't') =>
    facts.take({
      event,
      key: 'test',
      topic,
      partition: 0,
      offset: offset++,
      id: 'x',
      time: '2026-01-01T00:00:01.000Z',
    });
  const settled = () => Object.fromEntries(facts.state('test').rounds.get(1)!.settled);
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { facts, catalogue, take, settled, pass };
}

describe('the facts of campaigns', () => {
  it.each([
    ['labelled when its example is there', exampleOfCalculation(), 'labelled'],
    ['rejected', rejected(), 'rejected'],
    ['abandoned', abandoned(), 'abandoned'],
  ])('settle a calculation: %s, before or after its selection', (_, end, outcome) => {
    for (const events of [
      [...UNTIL_SELECTED, end],
      [end, ...UNTIL_SELECTED],
    ]) {
      const { take, settled } = open();
      for (const event of events as DomainEvent[]) take(event);
      expect(settled()).toMatchObject({ [FIRST!]: { outcome } });
    }
  });

  it('leave a calculation open that has only a label, which no snapshot could hold yet', () => {
    const { take, facts } = open();
    for (const event of UNTIL_SELECTED) take(event);
    const { label } = exampleOfCalculation();
    take({ type: 'LabelIngested', source: 'campaign:test', label });
    expect(nextStep(facts.state('test'))).toMatchObject({ step: 'await_sources' });
    expect(facts.state('test').rounds.get(1)!.settled.size).toBe(0);
  });

  // Invariant 1.
  it('are the same in whatever order the streams come', () => {
    const others = [
      ...[exampleOfCalculation(), rejected(SECOND), abandoned(SECOND), exampleOfCalculation()],
      ...[...watermarks(features.name), ...watermarks(examples.name)],
    ].map((one) => (Array.isArray(one) ? one : [one, 't']) as [DomainEvent, string]);
    const random = createSeededRandom(1);
    const stateOf = (order: [DomainEvent, string][]) => {
      const { take, facts } = open();
      for (const [event, topic] of order) take(event, topic);
      return facts.state('test');
    };
    const stream = UNTIL_SELECTED.map((event): [DomainEvent, string] => [event, 'campaigns']);
    const expected = stateOf([...stream, ...others]);
    expect(expected.sources.size).toBe(1);
    for (let shuffle = 0; shuffle < 30; shuffle++) {
      // A stream keeps its own order; the others fall between.
      const order = interleaved(stream, random.shuffle(others), random);
      expect({ ...stateOf(order), alarms: new Set() }).toEqual({ ...expected, alarms: new Set() });
    }
  });

  it('take a source for complete when each of its partitions is, in features and examples', () => {
    const { take, facts } = open();
    for (const event of UNTIL_SELECTED) take(event);
    const [last, ...all] = [...watermarks(features.name), ...watermarks(examples.name)];
    for (const [event, topic] of all) take(event, topic);
    expect(facts.state('test').sources.size).toBe(0);
    take(...last!);
    expect(facts.state('test').sources.get(SOURCE)).toMatchObject({ count: materials.partitions });
  });

  it("count the wait from when the accepted selection was read, not a deposed writer's", () => {
    const { facts, take, pass } = open();
    const [opened] = UNTIL_SELECTED.filter(({ type }) => type === 'RoundOpened') as RoundOpened[];
    for (const event of UNTIL_SELECTED.slice(0, -1)) take(event);
    take({ ...SELECTED, epoch: opened!.epoch + 1, writer: 'deposed' });
    pass(500);
    expect(facts.expiryMs('test', 1)).toBe(0);
    take(SELECTED);
    pass(250);
    expect(facts.expiryMs('test', 1)).toBe(500 + 1000 * CONFIG.calculator.expireAfterSeconds);
  });

  it('begin to wait anew where a campaign is resumed after it was parked, and not after a pause', () => {
    const { facts, take, pass } = open();
    const after = 1000 * CONFIG.calculator.expireAfterSeconds;
    for (const event of UNTIL_SELECTED) take(event);
    const authored = (sequence: number) => ({ epoch: SELECTED.epoch, writer: SELECTED.writer, sequence });
    pass(0.9 * after);
    take({ type: 'CampaignPaused', ...authored(SELECTED.sequence + 1) });
    take({ type: 'CampaignResumed', ...authored(SELECTED.sequence + 2) });
    expect(facts.expiryMs('test', 1)).toBe(after);
    take({ type: 'CampaignParked', reason: 'the disk is full', ...authored(SELECTED.sequence + 3) });
    pass(10 * after);
    take({ type: 'CampaignResumed', ...authored(SELECTED.sequence + 4) });
    expect(facts.expiryMs('test', 1)).toBe(11.9 * after);
  });

  it.each([
    ['as it comes', false],
    ['after all campaigns', true],
  ])('remember nothing of the waits of rounds that are over: %s', (_, isLast) => {
    const { facts, take } = open();
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
    expect(facts.state('test').rounds.size).toBeGreaterThan(3);
    expect(facts.waiting()).toBe(0);
  });
});

function interleaved<T>(
  ordered: readonly T[],
  others: readonly T[],
  random: ReturnType<typeof createSeededRandom>,
): T[] {
  const [left, right] = [[...ordered], [...others]];
  const result: T[] = [];
  while (left.length > 0 || right.length > 0) {
    const from = right.length === 0 || (left.length > 0 && random.chance(left.length / (left.length + right.length)));
    result.push((from ? left : right).shift()!);
  }
  return result;
}
