import { describe, expect, it } from 'vitest';
import type { Selected } from '../../src/learning/campaign/campaign-events.ts';
import { nextStep } from '../../src/learning/campaign/campaign-step.ts';
import { MaterialCatalogue } from '../../src/learning/data/material-catalogue.ts';
import type { InputRejected, SourcePartitionCompleted } from '../../src/model/events.ts';
import type { DomainEvent } from '../../src/protocol/domain-event.ts';
import { createCampaignStates } from '../../src/reading/campaign-states.ts';
import { createCatalogueProjection } from '../../src/reading/catalogue-projection.ts';
import { createCompletedSources } from '../../src/reading/completed-sources.ts';
import { createSettledCalculations } from '../../src/reading/settled-calculations.ts';
import { created, hashOf, runCampaign } from '../support/campaigns.ts';
import { exampleOf, featurized } from '../support/catalogues.ts';
import { createSeededRandom } from '../support/simulation/seeded-random.ts';
import { SIMULATED_TOPICS } from '../support/simulation/service-world.ts';

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
  const states = createCampaignStates(SIMULATED_TOPICS.campaigns);
  const projections = [
    createCatalogueProjection(catalogue, SIMULATED_TOPICS),
    states,
    createCompletedSources(states, catalogue, SIMULATED_TOPICS),
    createSettledCalculations(states, SIMULATED_TOPICS),
  ];
  let offset = 0;
  const take = (event: DomainEvent, topic = 't') => {
    const place = { key: 'test', topic, partition: 0, offset: offset++, id: 'x', time: '2026-01-01T00:00:01.000Z' };
    for (const projection of projections) projection.take({ event, ...place });
  };
  const state = () => states.state('test');
  const settled = () => Object.fromEntries(state().rounds.get(1)!.settled);
  return { take, state, settled };
}

describe('what other streams say of campaigns', () => {
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
    const { take, state } = open();
    for (const event of UNTIL_SELECTED) take(event);
    const { label } = exampleOfCalculation();
    take({ type: 'LabelIngested', source: 'campaign:test', label });
    expect(nextStep(state())).toMatchObject({ step: 'await_sources' });
    expect(state().rounds.get(1)!.settled.size).toBe(0);
  });

  // Invariant 1.
  it('are the same in whatever order the streams come', () => {
    const others = [
      ...[exampleOfCalculation(), rejected(SECOND), abandoned(SECOND), exampleOfCalculation()],
      ...[...watermarks(features.name), ...watermarks(examples.name)],
    ].map((one) => (Array.isArray(one) ? one : [one, 't']) as [DomainEvent, string]);
    const random = createSeededRandom(1);
    const stateOf = (order: [DomainEvent, string][]) => {
      const { take, state } = open();
      for (const [event, topic] of order) take(event, topic);
      return state();
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
    const { take, state } = open();
    for (const event of UNTIL_SELECTED) take(event);
    const [last, ...all] = [...watermarks(features.name), ...watermarks(examples.name)];
    for (const [event, topic] of all) take(event, topic);
    expect(state().sources.size).toBe(0);
    take(...last!);
    expect(state().sources.get(SOURCE)).toMatchObject({ count: materials.partitions });
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
