import { describe, expect, it } from 'vitest';
import type { AppError } from '../../src/model/app-error.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { EventBatch, StartOffset, TopicPartition } from '../../src/ports/event-log.ts';
import { event, events } from '../support/events.ts';
import { missingEvents } from '../support/simulation/checked-guarantees.ts';
import { CALM, type Fault, type FaultRates, ROUGH } from '../support/simulation/fault-rates.ts';
import { createWorld, type NodePorts, type World } from '../support/simulation/world.ts';

const SEEDS = 200;
const PARTITIONS = 3;
const CALLS = 12;
const DAY_MS = 86_400_000;
const TOPIC = 'elastream.tested.v1';
const GROUP = 'workers';
const LOG_FAULTS: readonly Fault[] = [
  ...(['delay', 'appendRefused', 'appendCut', 'logRefused', 'readCut', 'readInterleaved', 'batchCut'] as const),
  ...(['offsetGap', 'deliveryDoubled', 'commitLost', 'rebalance', 'memberExpelled'] as const),
];
const key = ({ topic, partition }: TopicPartition) => `${topic} ${partition}`;

/** Retries like the services, as long as the error says that a retry can help. */
async function retried<T>(clock: Clock, action: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (!(error as AppError).retryable) throw error;
      await clock.sleep(100);
    }
  }
}

/** Appends events to each partition, call by call; returns the ids that each partition must hold, in order. */
async function produce({ log, clock, random }: NodePorts): Promise<string[][]> {
  return Promise.all(
    Array.from({ length: PARTITIONS }, async (_, partition) => {
      const sent: string[] = [];
      for (let call = 0; call < CALLS; call++) {
        const batch = events(1 + Math.floor(random.uniform() * 4), `${partition}-${call}-`);
        sent.push(...batch.map(({ id }) => id));
        await retried(clock, () => log.append({ topic: TOPIC, partition }, batch));
      }
      return sent;
    }),
  );
}

/** Records the batches of a group's members and the promises that were broken. */
function createWitness(world: World) {
  const handled = new Set<string>();
  const broken: string[] = [];

  /** Joins as a member that takes some time for each batch. */
  async function join({ log, clock, random }: NodePorts, who: string) {
    const positions = new Map<string, number>();
    const atWork = new Set<string>();
    const consumer = await retried(clock, () =>
      log.join({
        group: GROUP,
        topics: [TOPIC],
        concurrency: 2,
        batchRecordsMax: 6,
        async onAssigned(starts: readonly StartOffset[]) {
          // Reads like a service that rebuilds its state.
          const below = starts.map(({ offset, ...at }) => ({ ...at, from: 0, to: offset }));
          await retried(clock, async () => {
            for await (const _ of log.read(below));
          });
          for (const at of starts) {
            if (positions.has(key(at))) broken.push(`${who} got ${key(at)} twice`);
            if (atWork.has(key(at))) broken.push(`${who} got ${key(at)} back while it was at work on it`);
            positions.set(key(at), at.offset);
          }
        },
        async onRevoked(partitions: readonly TopicPartition[]) {
          for (const at of partitions)
            if (!positions.delete(key(at))) broken.push(`${who} lost ${key(at)}, not its own`);
        },
        async onBatch(batch: EventBatch) {
          const position = positions.get(key(batch));
          const due = world.stored.log.records(TOPIC)[batch.partition]!.find(({ offset }) => offset >= position!);
          if (batch.records[0]?.offset !== due?.offset) {
            broken.push(`${who} at ${position} of ${key(batch)} was given ${batch.records[0]?.offset}`);
          }
          if (atWork.has(key(batch))) broken.push(`${who} has two batches of ${key(batch)}`);
          atWork.add(key(batch));
          await clock.sleep(random.uniform() * 1000);
          atWork.delete(key(batch));
          if (positions.has(key(batch))) positions.set(key(batch), batch.next);
          for (const { offset } of batch.records) handled.add(`${batch.partition} ${offset}`);
        },
      }),
    );
    return consumer;
  }

  /** Promise 4 of the event log: committed events have been handled. */
  function commitsAreHandled(): boolean {
    world.stored.log.committedOffsets(GROUP, TOPIC).forEach((committed, partition) => {
      for (const { offset } of world.stored.log.records(TOPIC)[partition]!) {
        if (offset < committed && !handled.has(`${partition} ${offset}`)) {
          broken.push(`offset ${offset} of ${partition} is committed to ${committed} and was not handled`);
        }
      }
    });
    return broken.length === 0;
  }
  return { join, broken, commitsAreHandled };
}

/** Runs one producer and three members; two of the members die and come back during their work. */
async function runWorld(seed: number, faults: FaultRates) {
  const world = createWorld({ seed, faults, calmAfter: { ms: 10 * 60_000 } });
  const { log } = world.stored;
  const witness = createWitness(world);
  const chance = world.random.fork('crashes');
  const producer = world.node('producer').ports();
  const started = retried(producer.clock, () => producer.log.declare([{ name: TOPIC, partitions: PARTITIONS }]));
  await world.clock.outcome(started, DAY_MS);
  const producing = produce(producer);
  const members = ['a', 'b', 'c'].map((name) => {
    const node = world.node(name);
    return { node, joined: witness.join(node.ports(), name) };
  });
  for (const member of members.slice(1)) {
    await world.clock.advance(chance.int(20_000));
    member.node.crash();
    await world.clock.advance(chance.int(20_000));
    member.joined = witness.join(member.node.restart(), member.node.name);
  }
  const sent = await world.clock.outcome(producing, DAY_MS);
  const done = () => String(log.committedOffsets(GROUP, TOPIC)) === String(log.endOffsets(TOPIC));
  await world.clock.runUntil(() => !witness.commitsAreHandled() || done(), DAY_MS);
  await world.clock.advance(60_000);
  const stopping = members.map(async ({ joined }) => {
    const consumer = await joined;
    await consumer.stop();
    await consumer.ended;
  });
  await world.clock.outcome(Promise.all(stopping), DAY_MS);
  return { world, sent, witness };
}

describe('a simulated log', () => {
  it(`with faults keeps every promise of the port, over ${SEEDS} seeds`, async () => {
    const struck = new Set<Fault>();
    const stories = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { world, sent, witness } = await runWorld(seed, ROUGH).catch((error) => {
        throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
      });
      const where = `seed ${seed}`;
      expect(missingEvents(world.logContent(), world.acknowledged), where).toEqual([]);
      const stored = world.stored.log.records(TOPIC).map((records) => [...new Set(records.map(({ id }) => id))]);
      expect(stored, where).toEqual(sent);
      expect(witness.broken, where).toEqual([]);
      for (const fault of world.struck.keys()) struck.add(fault);
      stories.add(world.storyHash());
    }
    expect(LOG_FAULTS.filter((fault) => !struck.has(fault))).toEqual([]);
    expect(stories.size).toBe(SEEDS);
  });

  it('has the same story for the same seed', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const [one, two] = [await runWorld(seed, ROUGH), await runWorld(seed, ROUGH)];
      expect(two.world.story, `seed ${seed}`).toEqual(one.world.story);
      expect(two.world.storyHash(), `seed ${seed}`).toBe(one.world.storyHash());
    }
  });

  it('without faults stores every event once', async () => {
    const { world, sent } = await runWorld(1, CALM);
    expect(world.stored.log.records(TOPIC).map((records) => records.map(({ id }) => id))).toEqual(sent);
    expect([...world.struck]).toEqual([]);
  });

  /** Appends three events until the append is refused, and counts how many of them were stored. */
  const storedOnFailure = async (faults: Partial<FaultRates>, seed: number) => {
    const world = createWorld({ seed, faults });
    world.stored.log.declare([{ name: TOPIC, partitions: 1 }]);
    const { log } = world.node('a').ports();
    const append = world.clock.outcome(log.append({ topic: TOPIC, partition: 0 }, events(3)), DAY_MS);
    await expect(append).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(world.acknowledged).toEqual([]);
    return world.stored.log.records(TOPIC)[0]!.length;
  };

  it('stores nothing, a part or all of an append that fails (3)', async () => {
    const counts = new Set<number>();
    for (let seed = 1; seed <= 30; seed++) {
      expect(await storedOnFailure({ appendRefused: 1 }, seed)).toBe(0);
      counts.add(await storedOnFailure({ appendCut: 1 }, seed));
    }
    expect([...counts].sort()).toEqual([0, 1, 2, 3]);
  });

  it('lets appends that are not awaited land in either order (2)', async () => {
    const orders = new Set<string>();
    for (let seed = 1; seed <= 30; seed++) {
      const world = createWorld({ seed, faults: { delay: 0.5 } });
      world.stored.log.declare([{ name: TOPIC, partitions: 1 }]);
      const { log } = world.node('a').ports();
      const appends = ['x', 'y'].map((id) => log.append({ topic: TOPIC, partition: 0 }, [event(id)]));
      await world.clock.outcome(Promise.all(appends), DAY_MS);
      orders.add(
        world.stored.log
          .records(TOPIC)[0]!
          .map(({ id }) => id)
          .join(),
      );
    }
    expect([...orders].sort()).toEqual(['x,y', 'y,x']);
  });

  it('reads in pieces and in any order of partitions, or fails on the way', async () => {
    const orders = new Set<string>();
    let failures = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const world = createWorld({
        seed,
        faults: { readCut: 0.1, readInterleaved: 0.5, batchCut: 0.5, offsetGap: 0.5 },
      });
      world.stored.log.declare([{ name: TOPIC, partitions: 2 }]);
      const { log } = world.node('a').ports();
      for (const partition of [0, 1]) await log.append({ topic: TOPIC, partition }, events(9, `${partition}-`));
      const read: string[][] = [[], []];
      const ranges = world.stored.log
        .endOffsets(TOPIC)
        .map((to, partition) => ({ topic: TOPIC, partition, from: 0, to }));
      try {
        for await (const { partition, records } of log.read(ranges))
          read[partition]!.push(...records.map(({ id }) => id));
        expect(read).toEqual([0, 1].map((partition) => events(9, `${partition}-`).map(({ id }) => id)));
      } catch (error) {
        expect(error).toMatchObject({ code: 'unavailable' });
        failures++;
      }
      orders.add(world.story.filter((line) => line.includes('read')).join());
    }
    expect(failures).toBeGreaterThan(3);
    expect(orders.size).toBeGreaterThan(20);
  });

  it('ends a consumer whose handler fails, whether anybody watches it or not', async () => {
    const world = createWorld({ seed: 1 });
    world.stored.log.declare([{ name: TOPIC, partitions: 1 }]);
    const { log } = world.node('a').ports();
    let begun = 0;
    const onBatch = async () => {
      begun++;
      throw new Error('cannot');
    };
    await log.join({ group: GROUP, topics: [TOPIC], onBatch });
    await log.follow({ from: [{ topic: TOPIC, partition: 0, offset: 0 }], onBatch });
    await log.append({ topic: TOPIC, partition: 0 }, events(1));
    await world.clock.runUntil(() => begun === 2, DAY_MS);
    expect(world.stored.log.committedOffsets(GROUP, TOPIC)).toEqual([0]);
  });

  it('becomes calm after some faults', async () => {
    const world = createWorld({ seed: 1, faults: { appendRefused: 1 }, calmAfter: { faults: 3 } });
    world.stored.log.declare([{ name: TOPIC, partitions: 1 }]);
    const { log, clock } = world.node('a').ports();
    await world.clock.outcome(
      retried(clock, () => log.append({ topic: TOPIC, partition: 0 }, events(1))),
      DAY_MS,
    );
    expect([...world.struck]).toEqual([['appendRefused', 3]]);
  });
});
