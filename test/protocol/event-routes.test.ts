import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/model/app-error.ts';
import { KEY_BYTES_MAX } from '../../src/model/event-record.ts';
import { createTopics } from '../../src/model/topics.ts';
import type { DomainEvent } from '../../src/protocol/domain-event.ts';
import { decodeEvent, encodeEvent } from '../../src/protocol/event-codec.ts';
import { type EventRoute, routeOf, watermarkRoute } from '../../src/protocol/event-routes.ts';
import { EVENTS } from '../support/event-arbitraries.ts';
import { EXAMPLE_EVENTS } from '../support/example-events.ts';

const TOPICS = createTopics({ featureSchema: 'paper-v1' });
const ID_BYTES_MAX = 1024;
const hash = (digit: string) => `h1:${digit.repeat(64)}`;

const route = (event: DomainEvent, campaign = 'first'): EventRoute =>
  event.type === 'SourcePartitionCompleted' ? watermarkRoute(event, TOPICS.examples) : routeOf(event, TOPICS, campaign);

/** Topic, partition and key, and id: what a log of an earlier version holds under them must stay where it is. */
const PLACES: Record<DomainEvent['type'], readonly [place: string, id: string]> = {
  MaterialIngested: ['materials.v1 43 mp-Ångström-鉄', `material/${hash('2')}/elastic.jsonl`],
  LabelIngested: ['labels.v1 43 mp-Ångström-鉄', `label/${hash('1')}/elastic.jsonl`],
  SourcePartitionCompleted: [
    'examples.v1 63 elastic.jsonl',
    `completed/elastream.examples.v1/63/${hash('5')}/elastic.jsonl`,
  ],
  StructureFeaturized: ['features.paper-v1.v1 43 mp-Ångström-鉄', `features/${hash('2')}/${hash('6')}/elastic.jsonl`],
  ExampleFormed: ['examples.v1 17 mp-1', `example/${hash('1')}/${hash('6')}/elastic.jsonl`],
  TrainMember: ['training.v1 0 0', `train/first/${hash('3')}/0`],
  MemberFailed: ['members.v1 4 4', `failed/first/${hash('3')}/4/2`],
  MemberTrained: ['members.v1 19 19', `trained/first/${hash('3')}/19/${hash('7')}`],
  PredictionsStored: ['members.v1 0 0', `predictions/first/${hash('3')}/0`],
  CalculationRequested: ['calculations.v1 43 mp-Ångström-鉄', `calculation/${hash('4')}/requested/campaign:first`],
  CalculationHalted: ['calculations.v1 43 mp-Ångström-鉄', `calculation/${hash('4')}/halted/1`],
  CalculationAttemptFailed: ['calculations.v1 43 mp-Ångström-鉄', `calculation/${hash('4')}/failed/1`],
  CalculationAbandoned: ['calculations.v1 43 mp-Ångström-鉄', `calculation/${hash('4')}/abandoned`],
  ResultReceived: ['results.v1 43 mp-Ångström-鉄', `result/${hash('4')}/2`],
  InputRejected: [`rejections.v1 2 ${hash('c')}`, `rejection/${hash('c')}`],
  CampaignCreated: [
    'campaigns.v1 10 first',
    'campaign/first/created/h1:29d654f3cd918ff7f61fddaad7ee5558138a66f3cac2680027d26c9838a0d645',
  ],
  EpochClaimed: ['campaigns.v1 10 first', 'campaign/first/claimed/1/node-a'],
  RoundOpened: ['campaigns.v1 10 first', 'campaign/first/2/node-b/41'],
  Selected: ['campaigns.v1 10 first', 'campaign/first/2/node-b/41'],
  CalculationExpired: ['campaigns.v1 10 first', 'campaign/first/2/node-b/41'],
  RoundClosed: ['campaigns.v1 10 first', 'campaign/first/2/node-b/41'],
  CampaignStopped: ['campaigns.v1 10 first', 'campaign/first/2/node-b/41'],
  StopRuleRaised: ['campaigns.v1 10 first', 'campaign/first/2/node-b/41'],
  CampaignPaused: ['campaigns.v1 10 first', 'campaign/first/2/node-b/41'],
  CampaignResumed: ['campaigns.v1 10 first', 'campaign/first/2/node-b/41'],
  CampaignParked: ['campaigns.v1 10 first', 'campaign/first/2/node-b/41'],
};

describe('routeOf and watermarkRoute', () => {
  it.each(Object.entries(PLACES))('send %s where it has always been', (type, [place, id]) => {
    const at = route(EXAMPLE_EVENTS.find((event) => event.type === type)!);
    expect(`${at.topic} ${at.partition} ${Buffer.from(at.key)}`).toBe(`elastream.${place}`);
    expect(at.id).toBe(id);
  });

  it('say of an event the same before and after its way through the log', () => {
    const anyEvent: fc.Arbitrary<DomainEvent> = fc.oneof(...Object.values(EVENTS));
    fc.assert(
      fc.property(anyEvent, (event) => {
        expect(route(decodeEvent(event.type, encodeEvent(event)))).toStrictEqual(route(event));
      }),
    );
  });

  it('keep to what the log takes, however long the names', () => {
    const name = '鉄'.repeat(1000);
    for (const example of EXAMPLE_EVENTS) {
      const event = { ...example, source: name, labelSet: name, writer: name };
      const renamed = 'campaign' in event ? { ...event, campaign: name } : event;
      const { topic, partition, key, id } = route(renamed as unknown as DomainEvent, name);
      expect(key.length).toBeLessThanOrEqual(KEY_BYTES_MAX);
      expect(Buffer.byteLength(id)).toBeLessThanOrEqual(ID_BYTES_MAX);
      expect(partition).toBeLessThan(Object.values(TOPICS).find((other) => other.name === topic)!.partitions);
    }
  });

  it('tell long names apart', () => {
    const completed = EXAMPLE_EVENTS.find((event) => event.type === 'SourcePartitionCompleted')!;
    const [a, b] = ['a', 'b'].map((end) =>
      watermarkRoute({ ...completed, source: 'x'.repeat(2000) + end }, TOPICS.labels),
    );
    expect(a!.id).not.toBe(b!.id);
    expect(a!.key).not.toEqual(b!.key);
  });

  it('place members by their number and partitions by theirs, not by a hash', () => {
    const round = { campaign: 'c', round: 1, snapshotHash: hash('0') as `h1:${string}` };
    for (const n of [0, 1, 63, 64, 130]) {
      expect(routeOf({ type: 'TrainMember', ...round, member: n, parkings: 0 }, TOPICS).partition).toBe(n % 64);
    }
    expect(routeOf({ type: 'PredictionsStored', ...round, partition: 63 }, TOPICS).partition).toBe(63);
  });

  it('need the campaign of an event that does not say it', () => {
    const claimed = { type: 'EpochClaimed', epoch: 1, writer: 'w' } as const;
    expect(() => routeOf(claimed, TOPICS)).toThrow(
      new AppError('internal', 'EpochClaimed needs the campaign that it belongs to'),
    );
  });
});
