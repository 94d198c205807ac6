import type { Kafka } from 'kafkajs';
import { clientConfig } from '../../../../src/adapters/kafka/client-config.ts';
import { openKafkaEventLog } from '../../../../src/adapters/kafka/event-log.ts';
import { encodeEvent } from '../../../../src/adapters/kafka/event-message.ts';
import type { EventProducer, EventProducerOptions } from '../../../../src/adapters/kafka/producer.ts';
import type { NewEvent } from '../../../../src/model/event-record.ts';
import type { EventLog, TopicPartition } from '../../../../src/ports/event-log.ts';
import { event } from '../../events.ts';
import { checkHistory } from '../../history/check-history.ts';
import { createOperationHistory, type OperationHistory } from '../../history/operation-history.ts';
import { CALM } from '../fault-rates.ts';
import { createSeededRandom, type SeededRandom } from '../seeded-random.ts';
import { createSurroundings } from '../surroundings.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';
import { createWeather, drawWeather, type Weather } from './kafka-weather.ts';
import { createSimulatedKafka, type SimulatedKafka } from './simulated-kafka.ts';

/** Appends of several producers under simulated faults, drawn from a seed. */
export interface AppendPlan {
  readonly seed: number;
  readonly producers: readonly (readonly Call[])[];
  /** The times at which a partition is read from its beginning. */
  readonly reads: readonly { readonly atMs: number; readonly partition: number }[];
  readonly weather: Weather;
}

interface Call {
  readonly atMs: number;
  readonly partition: number;
  readonly events: number;
  readonly valueBytes: number;
  readonly traced: boolean;
  /** How many times a failed append is retried, as publishers do. */
  readonly attempts: number;
}

interface Answer extends TopicPartition {
  readonly call: string;
  readonly ids: readonly string[];
  readonly attempt: number;
  readonly outcome: readonly number[] | Error;
}

interface Notes {
  readonly answers: Answer[];
  readonly history: OperationHistory;
}

export type CreateProducer = (kafka: Kafka, options: EventProducerOptions) => EventProducer;

const TOPIC = 't';
const PARTITIONS = 3;
const SPAN_MS = 120_000;
const HOUR_MS = 3_600_000;
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

export function drawAppendPlan(seed: number): AppendPlan {
  const random = createSeededRandom(seed).fork('append plan');
  const clients = Array.from({ length: 1 + random.int(2) }, (_, i) => `producer-${i}`);
  const area = { brokers: 3, clients, spanMs: SPAN_MS };
  return {
    seed,
    producers: clients.map(() => Array.from({ length: 1 + random.int(8) }, () => drawCall(random))),
    reads: Array.from({ length: 10 }, () => ({ atMs: random.int(SPAN_MS), partition: random.int(PARTITIONS) })),
    weather: random.chance(0.1) ? { ...drawWeather(random, area), episodes: [] } : drawWeather(random, area),
  };
}

function drawCall(random: SeededRandom): Call {
  const shape = random.pick([
    { events: 1 + random.int(20), valueBytes: 10 + random.int(500) },
    { events: 1 + random.int(20), valueBytes: 10 + random.int(500) },
    { events: 2 + random.int(6), valueBytes: 300_000 + random.int(200_000) },
    random.chance(0.5)
      ? { events: 3000 + random.int(1500), valueBytes: 10 + random.int(100) }
      : { events: 100 + random.int(100), valueBytes: 10_000 },
  ]);
  return {
    ...shape,
    atMs: random.int(SPAN_MS),
    partition: random.int(PARTITIONS),
    traced: random.chance(0.5),
    attempts: random.pick([1, 3]),
  };
}

/** Broken promises 1 to 3 of the event log (src/ports/event-log.ts) to producers; empty if none was broken. */
export async function runAppends(plan: AppendPlan, createProducer: CreateProducer): Promise<string[]> {
  const clock = createVirtualClock();
  const around = createSurroundings(clock, createSeededRandom(plan.seed), CALM, {});
  const weather = createWeather(plan.weather, around);
  const kafka = createSimulatedKafka(around, 3, weather.accidents);
  await clock.outcome(createTopic(kafka), HOUR_MS);
  const reader = await clock.outcome(openReader(kafka, clock), HOUR_MS);
  weather.begin(kafka);
  const answers: Answer[] = [];
  const history = createOperationHistory();
  const producing = plan.producers.map(async (calls, i) => {
    const config = clientConfig({ brokers: kafka.addresses, clientId: `producer-${i}` });
    const producer = createProducer(kafka.client(config), { timing: clock });
    const called = calls.map(async (call, n) => {
      await clock.sleep(call.atMs);
      await append(producer, call, `${i}.${n}`, { answers, history });
    });
    await Promise.all(called);
    await producer.close();
  });
  const reading = readAll(plan, reader, clock, history);
  await clock.outcome(Promise.all([...producing, reading]), HOUR_MS);
  await clock.advance(plan.weather.calmAfterMs);
  const effects = new Map(partitions().map((partition) => [partitionKey(partition), storedOf(kafka, partition).ids]));
  return [...checkHistory(history.operations, effects, { reads: 'fresh' }), ...broken(kafka, answers)];
}

async function createTopic(kafka: SimulatedKafka): Promise<void> {
  const admin = kafka.client(clientConfig({ brokers: kafka.addresses, clientId: 'admin' })).admin();
  await admin.connect();
  const configEntries = [{ name: 'min.insync.replicas', value: '2' }];
  const topic = { topic: TOPIC, numPartitions: PARTITIONS, replicationFactor: 3, configEntries };
  await admin.createTopics({ topics: [topic] });
  await admin.disconnect();
}

async function append(producer: EventProducer, call: Call, name: string, notes: Notes): Promise<void> {
  const at = { topic: TOPIC, partition: call.partition };
  for (let attempt = 1; attempt <= call.attempts; attempt++) {
    const sent = eventsOf(call, name);
    const ids = sent.map(({ id }) => id);
    const asked = notes.history.ask(name, partitionKey(call.partition), { kind: 'write', values: ids });
    const outcome = await producer.append(at, sent.map(encodeEvent)).catch((error: Error) => error);
    if (outcome instanceof Error) asked.unknown();
    else asked.acknowledged();
    notes.answers.push({ ...at, call: `${name} attempt ${attempt}`, ids, attempt, outcome });
    if (!(outcome instanceof Error)) return;
  }
}

function openReader(kafka: SimulatedKafka, clock: VirtualClock): Promise<EventLog> {
  return openKafkaEventLog({ brokers: kafka.addresses, clientId: 'reader' }, { timing: clock, ...kafka });
}

/** A reader that asks for the end of a partition and reads up to it must see everything acknowledged before. */
async function readAll(
  { reads }: AppendPlan,
  log: EventLog,
  clock: VirtualClock,
  history: OperationHistory,
): Promise<void> {
  const read = async ({ atMs, partition }: AppendPlan['reads'][0], i: number) => {
    await clock.sleep(atMs);
    const asked = history.ask(`read ${i}`, partitionKey(partition), { kind: 'read' });
    try {
      const to = (await log.endOffsets(TOPIC))[partition]!;
      const values = new Set<string>();
      for await (const { records } of log.read([{ topic: TOPIC, partition, from: 0, to }])) {
        for (const { id } of records) values.add(id);
      }
      asked.acknowledged({ values: [...values] });
    } catch (error) {
      if ((error as { code?: string }).code !== 'unavailable') throw error;
      asked.unknown();
    }
  };
  await Promise.all(reads.map(read));
  await log.close();
}

function partitions(): number[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => partition);
}

function partitionKey(partition: number): string {
  return `${TOPIC} ${partition}`;
}

function eventsOf({ events, valueBytes, traced }: Call, name: string): NewEvent[] {
  const value = Buffer.alloc(valueBytes, 7);
  return Array.from({ length: events }, (_, i) =>
    event(`${name}/${i}`, { value, ...(traced && { traceparent: TRACEPARENT }) }),
  );
}

function broken(kafka: SimulatedKafka, answers: readonly Answer[]): string[] {
  const all = partitions().map((partition) => storedOf(kafka, partition));
  return answers.flatMap(({ call, partition, ids, attempt, outcome }) => {
    const stored = all[partition]!;
    const lines: string[] = [];
    if (outcome instanceof Error) {
      // All requests were valid, so only `unavailable` is an allowed error.
      if (!/unavailable/.test((outcome as { code?: string }).code ?? '')) lines.push(`${call}: ${outcome.message}`);
    } else {
      const wrong = ids.findIndex((id, i) => stored.ids[outcome[i]!] !== id);
      if (wrong >= 0) lines.push(`(1) ${call}: event ${wrong} of ${ids.length} is not at ${outcome[wrong]}`);
    }
    const twice = ids.filter((id) => stored.twice.has(id));
    if (twice.length > 0 && attempt === 1 && !(outcome instanceof Error))
      lines.push(`(3) ${call}: ${twice.length} events stored twice`);
    return lines;
  });
}

interface Stored {
  /** Event ids by offset. */
  readonly ids: readonly string[];
  readonly twice: ReadonlySet<string>;
}

/** The content that readers of the partition see. */
function storedOf(kafka: SimulatedKafka, partition: number): Stored {
  const { state } = kafka.brokers.partitions().find((one) => one.partition === partition)!;
  const { batches } = state.log(state.leader());
  const ids = batches.flatMap(({ messages }) => messages.map(({ headers }) => String(headers.ce_id)));
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) twice.add(id);
    seen.add(id);
  }
  return { ids, twice };
}
