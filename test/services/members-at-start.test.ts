import { describe, expect, it } from 'vitest';
import { startAcquisition } from '../../services/acquisition/acquisition.ts';
import { createTrainedRounds } from '../../services/gateway/trained-rounds.ts';
import { startProjection } from '../../services/projection/projection.ts';
import { startTrainingShard } from '../../services/training-shard/training-shard.ts';
import type { RoundOpened } from '../../src/learning/campaign/campaign-events.ts';
import { memberKey } from '../../src/learning/campaign/campaign-state.ts';
import type { EventBatch, EventLog } from '../../src/ports/event-log.ts';
import type { TrainingShard } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import type { Service, ServicePorts } from '../../src/runtime/service.ts';
import { openServiceWorld, type ServiceWorld } from '../support/simulation/service-world.ts';
import { givenTrainedCampaign, memberTrained } from '../support/trained-campaign.ts';

const ROUNDS = 50;
/** Selected, CalculationExpired and RoundClosed of the last round: without them it is being trained. */
const UNSELECTED = 3;
const NO_SHARD: TrainingShard = { Rank: () => Promise.reject(new Error('nobody asks')) as never };

/** A log that counts what is read of `members`. */
function counted({ ports }: ServiceWorld) {
  const read = { events: 0, bytes: 0 };
  const count = ({ topic, records }: EventBatch) => {
    if (topic !== ports.topics.members.name) return;
    read.events += records.length;
    for (const { value } of records) read.bytes += value.length;
  };
  const log: EventLog = {
    ...ports.log,
    async *read(ranges) {
      for await (const batch of ports.log.read(ranges)) {
        count(batch);
        yield batch;
      }
    },
    join: (member) =>
      ports.log.join({
        ...member,
        onBatch(batch) {
          count(batch);
          return member.onBatch(batch);
        },
      }),
    follow: (follower) =>
      ports.log.follow({
        ...follower,
        onBatch(batch) {
          count(batch);
          return follower.onBatch(batch);
        },
      }),
  };
  return { read, ports: { ...ports, log } };
}

type Start = (ports: ServicePorts, world: ServiceWorld) => Promise<Service>;

const READERS: Record<string, Start> = {
  acquisition: (ports, { node }) =>
    startAcquisition({ ports, control: node.controlPlane, shards: NO_SHARD, writer: 'w1', featureSchema: 'test' }),
  'a shard': (ports, { node }) =>
    startTrainingShard({ ports, regressor: node.regressor, models: node.modelStore, engine: 'e' }),
};

async function readAtStart(start: Start, rounds: number, noted: boolean) {
  const world = openServiceWorld();
  await givenTrainedCampaign(world, { rounds, noted, without: UNSELECTED });
  const { read, ports } = counted(world);
  const service = await world.run(start(ports, world));
  await world.run(world.ports.clock.sleep(10_000));
  await world.run(service.stop());
  return read;
}

describe.each(Object.entries(READERS))('%s', (_, start) => {
  it('reads at its start the members of the round that is being trained, and of what it keeps', async () => {
    const long = await readAtStart(start, ROUNDS, true);
    expect(long).toEqual(await readAtStart(start, 5, true));
    // Two of the round itself, and the models of the one before, which are kept.
    expect(long.events).toBeLessThanOrEqual(6);
  });

  it('reads all of a log whose rounds do not tell where their members begin', async () => {
    const { events } = await readAtStart(start, ROUNDS, false);
    expect(events).toBeGreaterThanOrEqual(2 * ROUNDS);
  });
});

describe('the gateway', () => {
  it('reads the members of the round that is asked for', async () => {
    const world = openServiceWorld();
    await givenTrainedCampaign(world, { rounds: ROUNDS, without: UNSELECTED + 1 });
    const { read, ports } = counted(world);
    const rounds = createTrainedRounds(ports.log, ports.topics);
    // The newest is being trained.
    expect((await world.run(rounds.find('test', undefined))).round.round).toBe(ROUNDS - 1);
    expect(read.events).toBe(3);
    expect((await world.run(rounds.find('test', 7))).members.map(({ member }) => member)).toEqual([0, 1]);
    expect(read.events).toBe(5);
    await world.run(rounds.find('test', 7));
    expect(read.events).toBe(5);
  });
});

describe('the projection', () => {
  it('reads no members again, and keeps the first model of one all the same', async () => {
    const world = openServiceWorld();
    await givenTrainedCampaign(world, { rounds: ROUNDS, without: UNSELECTED });
    const live = async (ports: ServicePorts) => {
      const projection = await world.run(startProjection(ports, world.node.resultStore));
      await world.run(ports.clock.sleep(60_000));
      await world.run(projection.stop());
    };
    await live(world.ports);
    const before = [...world.world.stored.results.members];
    expect(before.length).toBe(2 * 2 * ROUNDS);
    const { read, ports } = counted(world);
    await live(ports);
    // What the tables note of each partition is checked by the event that it names.
    expect(read.events).toBeLessThanOrEqual(2);
    const opened = world.eventsOf(ports.topics.campaigns).find(({ type }) => type === 'RoundOpened') as RoundOpened;
    const later = { round: 1, snapshotHash: opened.snapshotHash, member: 0 };
    await world.run(world.given({ event: { ...memberTrained(later, '0'.repeat(64) as never), seconds: 7 } }));
    await live(ports);
    expect([...world.world.stored.results.members]).toEqual(before);
  });
});

describe('a shard that has not read the old rounds', () => {
  it.each([
    { what: 'deletes the models of theirs that a shard before it has left', old: [2, 3, 4] },
    { what: 'keeps those that nobody has told of', old: [] },
  ])('$what', async ({ old }) => {
    const world = openServiceWorld();
    await givenTrainedCampaign(world, { rounds: 6, without: UNSELECTED });
    const put = (bytes: string) => world.run(world.node.modelStore.put(Buffer.from(bytes)));
    for (const round of old) await put(`round ${round}, member 1`);
    const stranger = await put('of nobody yet');
    const shard = await world.run(READERS['a shard']!(world.ports, world));
    await world.run(world.ports.clock.sleep(10_000));
    await world.run(shard.stop());
    const left: string[] = [];
    for await (const { name } of world.node.modelStore.list()) left.push(name);
    const kept = [5, 6].flatMap((round) => [0, 1].map((member) => put(`round ${round}, member ${member}`)));
    expect(left.sort()).toEqual([stranger, ...(await Promise.all(kept))].sort());
  });
});

describe('a node that has not read the old rounds', () => {
  it('does not take a later model of theirs for the first', async () => {
    const world = openServiceWorld();
    await givenTrainedCampaign(world, { rounds: 5, without: UNSELECTED });
    const acquisition = await world.run(
      startAcquisition({
        ...{ ports: world.ports, control: world.node.controlPlane, shards: NO_SHARD },
        ...{ writer: 'w1', featureSchema: 'test' },
      }),
    );
    const { rounds } = acquisition.state('test');
    const { snapshotHash } = rounds.get(2)!.opened!;
    const later = { round: 2, snapshotHash, member: 0 };
    await world.run(world.given({ event: memberTrained(later, '0'.repeat(64) as never) }));
    await world.run(world.ports.clock.sleep(10_000));
    expect(acquisition.state('test').rounds.get(2)!.models.get(memberKey(snapshotHash, 0))).toBe(undefined);
    expect(rounds.get(5)!.models.size).toBe(2);
    await world.run(acquisition.stop());
  });
});
