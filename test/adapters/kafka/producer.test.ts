import type { Message } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { encodeEvent } from '../../../src/adapters/kafka/event-message.ts';
import { createEventProducer } from '../../../src/adapters/kafka/producer.ts';
import { AppError } from '../../../src/model/app-error.ts';
import { event } from '../../support/events.ts';
import { BROKER_BYTES_MAX, createFakeBroker, type Fate } from '../../support/kafka/fake-broker.ts';
import { createVirtualClock } from '../../support/simulation/virtual-clock.ts';

const AT = { topic: 'examples', partition: 0 };
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
/** Of an example: 281 features and its label. */
const EXAMPLE_BYTES = 2680;

const message = (id: string, bytes = EXAMPLE_BYTES) =>
  encodeEvent(event(id, { value: new Uint8Array(bytes), traceparent: TRACEPARENT }));
const messages = (count: number, prefix: string, bytes = EXAMPLE_BYTES) =>
  Array.from({ length: count }, (_, i) => message(`${prefix}${i}`, bytes));
const idsOf = (stored: readonly Message[]) => stored.map(({ headers }) => String(headers!.ce_id));
const numbers = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
/** Examples of a partition, and behind them their source's watermark. */
const examples = (count = 1000) => [...messages(count, 'example-'), message('watermark', 60)];

describe('a producer', () => {
  it('fills a batch up to what a broker takes, and no further', async () => {
    const broker = createFakeBroker();
    const producer = createEventProducer(broker.kafka);
    // Of this size 345 examples and more wait in one partition: together they are larger than a batch may be.
    const small = Array.from({ length: 9000 }, (_, i) => message(`small-${i}`, i % 150));
    const all = [...examples(345), ...small];
    expect(await producer.append(AT, all)).toEqual(numbers(0, all.length));
    expect(idsOf(broker.stored(0))).toEqual(idsOf(all));
    for (const bytes of broker.batchBytes) expect(bytes).toBeLessThanOrEqual(BROKER_BYTES_MAX);
    // All but the last are full up to less than the next event.
    for (const bytes of broker.batchBytes.slice(0, -1)) expect(bytes).toBeGreaterThan(BROKER_BYTES_MAX - 3000);
  });

  it('sends what waits together, whoever appended it', async () => {
    const broker = createFakeBroker();
    const producer = createEventProducer(broker.kafka);
    const calls = numbers(0, 900).map((i) => producer.append(AT, messages(2, `${i}-`, 900)));
    expect(await Promise.all(calls)).toEqual(numbers(0, 900).map((i) => [2 * i, 2 * i + 1]));
    expect(broker.batchBytes.length).toBeLessThanOrEqual(4);
  });

  it('cuts what the broker refuses as too large, and remembers', async () => {
    let [sends, bytesMax] = [0, 300_000];
    const counted = (): Fate => (++sends > 0 ? 'stored' : 'refused');
    const broker = createFakeBroker(counted, () => bytesMax);
    const producer = createEventProducer(broker.kafka);
    const all = examples();
    expect(await producer.append(AT, all)).toEqual(numbers(0, all.length));
    expect(idsOf(broker.stored(0))).toEqual(idsOf(all));
    expect(sends - broker.batchBytes.length).toBe(2);
    bytesMax = 100_000;
    await Promise.all([producer.append(AT, all), producer.append({ ...AT, partition: 1 }, all)]);
    expect(idsOf(broker.stored(0))).toEqual([...idsOf(all), ...idsOf(all)]);
    expect(idsOf(broker.stored(1))).toEqual(idsOf(all));
  });

  it('names an event that the broker refuses alone, and sends nothing that comes after it in its call', async () => {
    const broker = createFakeBroker(undefined, () => 50_000);
    const producer = createEventProducer(broker.kafka);
    const call = [...messages(30, 'before-'), message('giant', 60_000), ...messages(30, 'after-')];
    const [refused, other] = await Promise.allSettled([
      producer.append(AT, call),
      producer.append(AT, messages(30, 'other-')),
    ]);
    expect(refused).toMatchObject({
      reason: {
        ...{ code: 'invalid_argument', retryable: false },
        message: expect.stringMatching(
          /event giant has 60[34]\d\d bytes.+partition 0 of examples.+kafka-configs.sh --alter --topic examples --add-config max.message.bytes=1048588/,
        ),
      },
    });
    expect(other.status).toBe('fulfilled');
    // Calls side by side have no order: that one fails does not stop the other.
    expect(idsOf(broker.stored(0))).toEqual(idsOf([...messages(30, 'before-'), ...messages(30, 'other-')]));
  });
});

describe('the order of an append', () => {
  /** Sends fail for a time, then all goes well; callers try again, as services do. */
  async function outage(fates: readonly Fate[], calls: readonly (readonly Message[])[]) {
    const timing = createVirtualClock();
    let sends = 0;
    const broker = createFakeBroker(() => fates[sends++] ?? 'stored');
    const producer = createEventProducer(broker.kafka, { timing, tryMs: 30_000 });
    const append = async (call: readonly Message[], pauseMs: number): Promise<void> => {
      try {
        await producer.append(AT, call);
      } catch (error) {
        if (!(error instanceof AppError && error.retryable)) throw error;
        await timing.sleep(pauseMs);
        await append(call, pauseMs);
      }
    };
    let done = false;
    const all = Promise.all(calls.map((call, i) => append(call, 25 + 10 * i))).finally(() => {
      done = true;
    });
    all.catch(() => {});
    while (!done) await timing.advance(1000);
    await all;
    return idsOf(broker.stored(0));
  }

  /** The first of each: what readers go by. */
  const firsts = (ids: readonly string[]) => [...new Set(ids)];
  const lasting: readonly Fate[] = Array<Fate>(40).fill('unreachable');

  it('holds where its first part is not acknowledged for longer than it is tried', async () => {
    // Each attempt waits up to a second: 40 are more than 30 s.
    expect(await outage(lasting, [examples()])).toEqual(idsOf(examples()));
    const again = await outage(['stored', ...lasting], [examples()]);
    expect(again.length).toBeGreaterThan(1300);
    expect(firsts(again)).toEqual(idsOf(examples()));
  });

  it('holds for every call where several wait in the lane and all are tried again', async () => {
    const calls = [examples(), messages(500, 'other-'), messages(3, 'small-')];
    const outages: readonly Fate[][] = [[], ['stored'], ['stored', 'stored', 'lost']];
    for (const before of outages) {
      const ids = await outage([...before, ...lasting], calls);
      for (const call of calls) {
        const own = new Set(idsOf(call));
        expect(firsts(ids).filter((id) => own.has(id))).toEqual(idsOf(call));
      }
    }
  });

  it('holds where parts were stored and their acknowledgement was lost', async () => {
    for (let lost = 0; lost < 3; lost++) {
      const fates: Fate[] = [...Array<Fate>(lost).fill('stored'), 'lost', ...lasting];
      expect(firsts(await outage(fates, [examples()]))).toEqual(idsOf(examples()));
    }
  });

  it('rejects what waits behind a part that failed with the same failure, and sends nothing of it', async () => {
    const timing = createVirtualClock();
    const broker = createFakeBroker(() => 'unreachable');
    const producer = createEventProducer(broker.kafka, { timing, tryMs: 0 });
    const all = Promise.allSettled([examples(), examples(3)].map((call) => producer.append(AT, call)));
    await timing.advance(1000);
    const [first, second] = (await all) as PromiseRejectedResult[];
    expect(first!.reason).toMatchObject({ code: 'unavailable', retryable: true });
    expect(second!.reason).toBe(first!.reason);
    expect(broker.stored(0)).toEqual([]);
    expect(timing.sleepers).toBe(0);
  });
});

describe('appends to many partitions', () => {
  const partitions = numbers(0, 60);
  const appendAll = (producer: ReturnType<typeof createEventProducer>, prefix: string) =>
    Promise.allSettled(partitions.map((partition) => producer.append({ ...AT, partition }, messages(3, prefix, 100))));

  it('go in one request where they come together', async () => {
    const broker = createFakeBroker();
    const producer = createEventProducer(broker.kafka);
    await appendAll(producer, 'first-');
    const outcomes = await appendAll(producer, 'second-');
    expect(outcomes).toEqual(partitions.map(() => ({ status: 'fulfilled', value: [3, 4, 5] })));
    expect(broker.requests).toEqual([60, 60]);
  });

  it('each learn their own fate, and none is stored twice, where one of them is refused', async () => {
    const broker = createFakeBroker((_, partition) => (partition === 7 ? 'refused' : 'stored'));
    const producer = createEventProducer(broker.kafka);
    for (let round = 0; round < 2; round++) {
      const outcomes = await appendAll(producer, `${round}-`);
      for (const [partition, outcome] of outcomes.entries()) {
        const failure = {
          status: 'rejected',
          reason: { code: 'invalid_argument', message: expect.stringMatching(/7/) },
        };
        const offsets = numbers(3 * round, 3);
        expect(outcome).toMatchObject(partition === 7 ? failure : { status: 'fulfilled', value: offsets });
      }
    }
    for (const partition of partitions) {
      const expected = [...messages(3, '0-'), ...messages(3, '1-')];
      expect(idsOf(broker.stored(partition))).toEqual(partition === 7 ? [] : idsOf(expected));
    }
  });

  it('are stored once where the answer to all of them is lost', async () => {
    let isLost = true;
    const broker = createFakeBroker(() => (isLost ? 'lost' : 'stored'));
    const producer = createEventProducer(broker.kafka);
    const appending = appendAll(producer, '');
    while (broker.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    isLost = false;
    for (const outcome of await appending) expect(outcome).toEqual({ status: 'fulfilled', value: [0, 1, 2] });
    for (const partition of partitions) expect(broker.stored(partition)).toHaveLength(3);
    // They come again each after a pause of its own: how many together is chance, but none comes a third time.
    const [first, ...again] = broker.requests;
    expect([first, again.reduce((sum, count) => sum + count, 0)]).toEqual([60, 60]);
  });
});
