import { describe, expect, it } from 'vitest';
import { type Following, follow } from '../../src/reading/follow.ts';
import type { Projection } from '../../src/reading/projection.ts';
import { exampleOf, featurized, materialName } from '../support/catalogues.ts';
import { event } from '../support/events.ts';
import { openServiceWorld, receivedIn, SIMULATED_TOPICS } from '../support/simulation/service-world.ts';
import type { WorldOptions } from '../support/simulation/world.ts';

const { labels, rejections } = SIMULATED_TOPICS;

function publicationsOf(from: number, to: number) {
  return Array.from({ length: to - from }, (_, i) => {
    const { source, label } = exampleOf(featurized({ id: materialName(from + i) }), { g_vrh: i });
    return { event: { type: 'LabelIngested', source, label } as const };
  });
}

function open(options: Partial<WorldOptions> = {}) {
  const world = openServiceWorld(options);
  const seen: string[] = [];
  const places: Projection = {
    topics: [labels, rejections],
    take: ({ partition, offset }) => void seen.push(`${partition} ${offset}`),
  };
  const start = (onBatch?: () => void): Promise<Following> =>
    follow(world.ports, [places], { ...(onBatch && { onBatch }) });
  const stored = () => receivedIn(world.world, labels).map(({ partition, offset }) => `${partition} ${offset}`);
  return { ...world, seen, start, stored };
}

describe('following', () => {
  it('has read all that was there when it has started, then stays with the end', async () => {
    const { world, run, given, seen, start, stored } = open();
    await run(given(...publicationsOf(0, 20)));
    let batches = 0;
    const following = await run(start(() => batches++));
    expect(seen.sort()).toEqual(stored().sort());
    expect(batches).toBe(0);
    await run(given(...publicationsOf(20, 30)));
    await run(following.reached(labels.name, world.stored.log.endOffsets(labels.name)));
    expect(batches).toBeGreaterThan(0);
    expect(seen.sort()).toEqual(stored().sort());
  });

  it('reads a topic after the others and from where they say, however often a try breaks off', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { world, ports, run, given } = openServiceWorld({ seed, faults: { logRefused: 0.1, readCut: 0.3 } });
      await run(given(...publicationsOf(0, 40)));
      const ends = await world.stored.log.endOffsets(labels.name);
      const asked: (readonly number[])[] = [];
      const seen: string[] = [];
      const from = (before: readonly number[]) => {
        asked.push(before);
        return before.map((end) => Math.max(0, end - 2));
      };
      const places: Projection = {
        topics: [rejections, labels],
        take: ({ partition, offset }) => void seen.push(`${partition} ${offset}`),
      };
      const following = await run(follow(ports, [places], { last: { topic: labels, from } }));
      expect(asked).toEqual([ends]);
      expect(following.positions(labels.name)).toEqual(ends);
      const wanted = receivedIn(world, labels).filter(({ partition, offset }) => offset >= ends[partition]! - 2);
      expect(seen.sort()).toEqual(wanted.map(({ partition, offset }) => `${partition} ${offset}`).sort());
    }
  });

  // Invariant 1.
  it('gives each event once and in order, however its reading is cut, doubled and interleaved', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const faults = { readCut: 0.2, batchCut: 0.7, readInterleaved: 0.5, offsetGap: 0.3, delay: 0.5, logRefused: 0.1 };
      const { world, run, given, seen, start, stored } = open({ seed, faults });
      const giving = given(...publicationsOf(0, 40));
      const following = await run(start());
      await run(giving);
      await run(following.reached(labels.name, world.stored.log.endOffsets(labels.name)));
      expect([...seen].sort()).toEqual(stored().sort());
      for (let partition = 0; partition < labels.partitions; partition++) {
        const offsets = seen
          .filter((place) => place.startsWith(`${partition} `))
          .map((place) => Number(place.split(' ')[1]));
        expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
      }
    }
  });

  it('passes over what it cannot understand', async () => {
    const { ports, run, seen, start, world } = open();
    await run(ports.log.append({ topic: labels.name, partition: 1 }, [event('junk')]));
    const following = await run(start());
    expect(seen).toEqual([]);
    expect(following.positions(labels.name)).toEqual(world.stored.log.endOffsets(labels.name));
  });

  it('tells whoever waits for what will come, or that it is stopping', async () => {
    const { run, given, seen, start } = open();
    const following = await run(start());
    const wanted = following.positions(labels.name).map(() => 1);
    const waiting = following.reached(labels.name, wanted).catch((error) => error.code);
    await run(given(...publicationsOf(0, 100)));
    expect(await run(waiting)).toBeUndefined();
    expect(seen).toHaveLength(100);
    const never = following.reached(rejections.name, [7]).catch((error) => error.code);
    await run(following.stop());
    expect(await never).toBe('interrupted');
  });

  it('fails with whoever takes', async () => {
    const { ports, run, given } = open();
    const fault = new TypeError('a fault of ours');
    const failing: Projection = {
      topics: [labels],
      take() {
        throw fault;
      },
    };
    const following = await run(follow(ports, [failing]));
    await run(given(...publicationsOf(0, 1)));
    await expect(run(following.failed)).rejects.toBe(fault);
  });
});
