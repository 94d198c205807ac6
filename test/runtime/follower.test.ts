import { describe, expect, it } from 'vitest';
import { type Follower, startFollower } from '../../src/runtime/follower.ts';
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
  const start = (onBatch?: () => void): Promise<Follower> =>
    startFollower(world.ports, {
      topics: [labels, rejections],
      apply: ({ partition, offset }) => void seen.push(`${partition} ${offset}`),
      ...(onBatch && { onBatch }),
    });
  const stored = () => receivedIn(world.world, labels).map(({ partition, offset }) => `${partition} ${offset}`);
  return { ...world, seen, start, stored };
}

describe('follower', () => {
  it('has read all that was there when it has started, then stays with the end', async () => {
    const { world, run, given, seen, start, stored } = open();
    await run(given(...publicationsOf(0, 20)));
    let batches = 0;
    const follower = await run(start(() => batches++));
    expect(seen.sort()).toEqual(stored().sort());
    expect(batches).toBe(0);
    await run(given(...publicationsOf(20, 30)));
    await run(follower.reached(labels.name, world.stored.log.endOffsets(labels.name)));
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
      const apply = ({ partition, offset }: { partition: number; offset: number }) =>
        void seen.push(`${partition} ${offset}`);
      const follower = await run(startFollower(ports, { topics: [rejections], last: { topic: labels, from }, apply }));
      expect(asked).toEqual([ends]);
      expect(follower.positions(labels.name)).toEqual(ends);
      const wanted = receivedIn(world, labels).filter(({ partition, offset }) => offset >= ends[partition]! - 2);
      expect(seen.sort()).toEqual(wanted.map(({ partition, offset }) => `${partition} ${offset}`).sort());
    }
  });

  // Invariant 1.
  it('applies each event once and in order, however its reading is cut, doubled and interleaved', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const faults = { readCut: 0.2, batchCut: 0.7, readInterleaved: 0.5, offsetGap: 0.3, delay: 0.5, logRefused: 0.1 };
      const { world, run, given, seen, start, stored } = open({ seed, faults });
      const giving = given(...publicationsOf(0, 40));
      const follower = await run(start());
      await run(giving);
      await run(follower.reached(labels.name, world.stored.log.endOffsets(labels.name)));
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
    const follower = await run(start());
    expect(seen).toEqual([]);
    expect(follower.positions(labels.name)).toEqual(world.stored.log.endOffsets(labels.name));
  });

  it('tells whoever waits for what will come, or that it is stopping', async () => {
    const { run, given, seen, start } = open();
    const follower = await run(start());
    const wanted = follower.positions(labels.name).map(() => 1);
    const waiting = follower.reached(labels.name, wanted).catch((error) => error.code);
    await run(given(...publicationsOf(0, 100)));
    expect(await run(waiting)).toBeUndefined();
    expect(seen).toHaveLength(100);
    const never = follower.reached(rejections.name, [7]).catch((error) => error.code);
    await run(follower.stop());
    expect(await never).toBe('interrupted');
  });

  it('fails with whoever applies', async () => {
    const { ports, run, given } = open();
    const fault = new TypeError('a fault of ours');
    const apply = () => {
      throw fault;
    };
    const follower = await run(startFollower(ports, { topics: [labels], apply }));
    await run(given(...publicationsOf(0, 1)));
    await expect(run(follower.failed)).rejects.toBe(fault);
  });
});
