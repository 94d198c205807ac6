import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/model/app-error.ts';
import { type ConsumerOptions, startConsumer } from '../../src/runtime/consumer.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { retrying } from '../../src/runtime/retry.ts';
import { parseTraceparent } from '../../src/runtime/trace-context.ts';
import { event } from '../support/events.ts';
import { EXAMPLE_EVENTS } from '../support/example-events.ts';
import { recordedTelemetry } from '../support/recorded-telemetry.ts';
import { openServiceWorld, SIMULATED_TOPICS } from '../support/simulation/service-world.ts';

const { labels, rejections } = SIMULATED_TOPICS;
const LABELS = EXAMPLE_EVENTS.flatMap((one) => (one.type === 'LabelIngested' ? [one] : []));
const PASSING = new AppError('unavailable', 'not now', { retryable: true });
const CAUSE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function open() {
  const service = openServiceWorld();
  const recorded = recordedTelemetry();
  const { ports, run, world } = service;
  const watched = { ...ports, telemetry: recorded.telemetry };
  const start = (handle: ConsumerOptions['handle'], more: Partial<ConsumerOptions> = {}) => {
    const publisher = createPublisher(watched, 'test');
    return run(startConsumer(watched, publisher, { group: 'g', topics: [labels.name], handle, ...more }));
  };
  const recordsOf = (topic: string) => world.stored.log.records(topic).flat();
  return { ...service, ...recorded, watched, start, recordsOf, pass: () => run(ports.clock.sleep(1000)) };
}

describe('telemetry of a consumer', () => {
  it('tells of each batch: how many events were handled and refused, and how long that took', async () => {
    const { ports, told, lines, start, run, pass } = open();
    await run(ports.log.append({ topic: labels.name, partition: 0 }, [event('junk')]));
    await start(() => ports.clock.sleep(250));
    await pass();
    expect(told.batchHandled).toEqual([
      { group: 'g', topic: labels.name, handled: 0, refused: 1, seconds: expect.closeTo(0.25, 1) },
    ]);
    expect(lines).toMatchObject([{ level: 'warn', group: 'g', topic: labels.name, refused: 1 }]);
  });

  it('tells how many partitions are held, whether or not the handler wants to know', async () => {
    for (const more of [{}, { onAssigned: async () => {}, onRevoked: async () => {} }]) {
      const { told, start, run, pass } = open();
      const consumer = await start(async () => {}, more);
      await pass();
      await run(consumer.stop());
      expect(told.partitionsHeld).toEqual([8, 0].map((partitions) => ({ group: 'g', partitions })));
    }
  });

  it("puts what follows into the trace of the batch's first event, also what was refused", async () => {
    const { ports, telemetry, watched, start, run, pass, recordsOf, lines } = open();
    await run(ports.log.append({ topic: labels.name, partition: 0 }, [event('junk', { traceparent: CAUSE })]));
    const publisher = createPublisher(watched, 'test');
    await start(async (received) => {
      if (received.length > 0) return;
      telemetry.log('info', 'at work');
      await publisher.publish([{ event: LABELS[0]! }]);
    });
    await pass();
    const cause = parseTraceparent(CAUSE)!;
    const written = [...recordsOf(rejections.name), ...recordsOf(labels.name).filter(({ id }) => id !== 'junk')];
    const spans = written.map(({ traceparent }) => parseTraceparent(traceparent!));
    expect(spans).toEqual([spans[0], spans[0]]);
    expect(spans[0]!.traceId).toBe(cause.traceId);
    expect(spans[0]!.spanId).not.toBe(cause.spanId);
    expect(lines.find(({ message }) => message === 'at work')).toMatchObject({
      trace_id: cause.traceId,
      span_id: spans[0]!.spanId,
    });
  });

  it('begins a trace where the events have none, or what is no trace', async () => {
    for (const traceparent of [undefined, 'x'.repeat(55)]) {
      const { ports, telemetry, start, run, pass } = open();
      const caused = event('junk', traceparent === undefined ? {} : { traceparent });
      await run(ports.log.append({ topic: labels.name, partition: 0 }, [caused]));
      const seen: string[] = [];
      await start(async () => void seen.push(telemetry.traceparent(), telemetry.traceparent()));
      await pass();
      expect(parseTraceparent(seen[0]!)).toBeDefined();
      expect(seen[1]).toBe(seen[0]);
    }
  });
});

describe('telemetry of a publisher', () => {
  it('tells of what is durable, stamped with a trace of its own where nothing caused it', async () => {
    const { told, watched, run, recordsOf } = open();
    const publisher = createPublisher(watched, 'test');
    for (const label of LABELS.slice(0, 2)) await run(publisher.publish([{ event: label }]));
    expect(told.appended).toMatchObject([
      { topic: labels.name, events: 1 },
      { topic: labels.name, events: 1 },
    ]);
    const traces = recordsOf(labels.name).map(({ traceparent }) => parseTraceparent(traceparent!)!.traceId);
    expect(new Set(traces).size).toBe(2);
  });

  it('stamps nothing without telemetry', async () => {
    const { given, run, recordsOf } = open();
    await run(given({ event: LABELS[0]! }));
    expect(recordsOf(labels.name).map((record) => 'traceparent' in record)).toEqual([false]);
  });
});

describe('telemetry of retries', () => {
  it('tells of each attempt that another follows, and not of the last', async () => {
    const { told, lines, watched, run } = open();
    let calls = 0;
    const failing = async () => {
      if (++calls < 3) throw PASSING;
    };
    await run(retrying(watched, failing));
    expect(told.retried).toEqual([1, 2].map((attempt) => ({ error: PASSING, attempt })));
    expect(lines).toMatchObject([1, 2].map((attempt) => ({ level: 'warn', err: PASSING, attempt })));
    const lasting = run(
      retrying(watched, () => Promise.reject(PASSING), { attemptsMax: 1, firstDelayMs: 1, delayMsMax: 1 }),
    );
    await expect(lasting).rejects.toBe(PASSING);
    expect(told.retried).toHaveLength(2);
  });
});
