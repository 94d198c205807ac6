import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/model/app-error.ts';
import { type ConsumerOptions, startConsumer } from '../../src/runtime/consumer.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { event } from '../support/events.ts';
import { labelIngested } from '../support/label-events.ts';
import { recordedTelemetry } from '../support/recorded-telemetry.ts';
import { openServiceWorld, type ServiceWorld, SIMULATED_TOPICS } from '../support/simulation/service-world.ts';

const { labels, rejections } = SIMULATED_TOPICS;
const LABELS = ['mp-Ångström-鉄', 'mp-1'].map(labelIngested);
const PASSING = new AppError('unavailable', 'not now', { retryable: true });

function start({ ports }: ServiceWorld, handle: ConsumerOptions['handle'], more: Partial<ConsumerOptions> = {}) {
  return startConsumer(ports, createPublisher(ports, 'test'), { group: 'g', topics: [labels.name], handle, ...more });
}

const committed = ({ world }: ServiceWorld) => world.stored.log.committedOffsets('g', labels.name);
const ends = ({ world }: ServiceWorld) => world.stored.log.endOffsets(labels.name);

describe('consumer', () => {
  it('commits what has been handled, and tells how far that is', async () => {
    const world = openServiceWorld();
    await world.run(world.given(...LABELS.map((one) => ({ event: one }))));
    const seen: unknown[] = [];
    const consumer = await world.run(
      start(world, async (received, end) => {
        for (const one of received) {
          seen.push(one.event);
          expect(one.offset).toBeLessThan(end.offset);
        }
      }),
    );
    await world.run(world.ports.clock.sleep(1000));
    expect(seen).toHaveLength(LABELS.length);
    expect(seen).toEqual(expect.arrayContaining(LABELS));
    expect(committed(world)).toEqual(ends(world));
    await world.run(consumer.stop());
  });

  it('refuses what it cannot decode before it handles the rest', async () => {
    const world = openServiceWorld();
    await world.run(world.ports.log.append({ topic: labels.name, partition: 0 }, [event('junk')]));
    const seen: number[] = [];
    await world.run(start(world, async (received) => void seen.push(received.length)));
    await world.run(world.ports.clock.sleep(1000));
    expect(world.eventsOf(rejections)).toMatchObject([{ rejection: { code: 'bad_message', source: labels.name } }]);
    expect(seen).toEqual([0]);
    expect(committed(world)).toEqual(ends(world));
  });

  it('handles a batch again where a fault passes', async () => {
    const world = openServiceWorld();
    await world.run(world.given({ event: LABELS[0]! }));
    let calls = 0;
    await world.run(
      start(world, async () => {
        if (++calls < 3) throw PASSING;
      }),
    );
    await world.run(world.ports.clock.sleep(1000));
    expect(calls).toBe(3);
    expect(committed(world)).toEqual(ends(world));
  });

  it('leaves its group for a while where a fault lasts, and says what is in the way', async () => {
    const world = openServiceWorld();
    await world.run(world.given({ event: LABELS[0]! }));
    const { telemetry, hindrances } = recordedTelemetry();
    const held = new Set<number>();
    let isAway = true;
    const watched = { ...world, ports: { ...world.ports, telemetry } };
    const consumer = await world.run(
      start(watched, () => (isAway ? Promise.reject(PASSING) : Promise.resolve()), {
        onAssigned: async (partitions) => partitions.forEach(({ partition }) => void held.add(partition)),
        onRevoked: async (partitions) => partitions.forEach(({ partition }) => void held.delete(partition)),
      }),
    );
    const seen: { holds: boolean; reasons: readonly string[] }[] = [];
    for (let minute = 0; minute < 60; minute++) {
      await world.run(world.ports.clock.sleep(60_000));
      seen.push({ holds: held.size > 0, reasons: hindrances() });
    }
    await expect(Promise.race([consumer.failed, 'well'])).resolves.toBe('well');
    // It holds partitions now and then, and others can have them in between.
    expect(seen.some(({ holds }) => holds) && seen.some(({ holds }) => !holds)).toBe(true);
    expect(seen.filter(({ holds }) => !holds).every(({ reasons }) => reasons[0] === PASSING.message)).toBe(true);
    isAway = false;
    await world.run(world.ports.clock.sleep(120_000));
    expect(committed(world)).toEqual(ends(world));
    expect(hindrances()).toEqual([]);
    await world.run(consumer.stop());
  });

  it('fails with any other fault, leaving the batch for another', async () => {
    const world = openServiceWorld();
    await world.run(world.given({ event: LABELS[0]! }));
    const fault = new TypeError('a fault of ours');
    const consumer = await world.run(start(world, () => Promise.reject(fault)));
    await expect(world.run(consumer.failed)).rejects.toBe(fault);
    expect(committed(world)).toEqual(committed(world).map(() => 0));
    const seen: unknown[] = [];
    await world.run(start(world, async (received) => void seen.push(...received.map((one) => one.event))));
    await world.run(world.ports.clock.sleep(1000));
    expect(seen).toEqual([LABELS[0]]);
  });

  it('is told of its partitions before their first batch, again where that failed in passing, and when it loses them', async () => {
    const world = openServiceWorld();
    await world.run(world.given({ event: LABELS[0]! }));
    const story: string[] = [];
    const consumer = await world.run(
      start(world, async () => void story.push('handled'), {
        async onAssigned(partitions) {
          story.push(`got ${partitions.length}`);
          if (story.length === 1) throw PASSING;
        },
        onRevoked: async (partitions) => void story.push(`lost ${partitions.length}`),
      }),
    );
    await world.run(world.ports.clock.sleep(1000));
    await world.run(consumer.stop());
    expect(story).toEqual(['got 8', 'got 8', 'handled', 'lost 8']);
  });

  it('lets its handler finish when it is stopped', async () => {
    const world = openServiceWorld();
    await world.run(world.given({ event: LABELS[0]! }));
    let isHandled = false;
    const consumer = await world.run(
      start(world, async () => {
        await world.ports.clock.sleep(5000);
        isHandled = true;
      }),
    );
    await world.run(consumer.stop());
    expect(isHandled).toBe(true);
    expect(committed(world)).toEqual(ends(world));
  });
});
