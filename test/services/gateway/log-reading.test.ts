import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventBatch } from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { collected, event, events, ids } from '../../support/events.ts';
import { type GatewayPlace, openGatewayPlace } from '../../support/gateway.ts';
import { SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';

const topic = SIMULATED_TOPICS.materials.name;
const at = (partition: number) => ({ topic, partition });
const idsIn = (batches: readonly EventBatch[]) => batches.flatMap((batch) => batch.events.map(({ id }) => id));

let place: GatewayPlace;
beforeEach(async () => {
  place = await openGatewayPlace();
});
afterEach(() => place.close());

describe('reading the log through the gateway', () => {
  it('names the topics, their ends and where a group goes on', async () => {
    const { gateway, ports } = place;
    await ports.log.append(at(2), events(3));
    const consumer = await ports.log.join({ group: 'g', topics: [topic], onBatch: async () => {} });
    expect((await gateway.ListTopics({})).topics).toContainEqual(SIMULATED_TOPICS.materials);
    expect((await gateway.GetOffsets({ topic })).offsets).toEqual([0, 0, 3, 0, 0, 0, 0, 0]);
    expect((await gateway.GetOffsets({ topic, group: 'other' })).offsets).toEqual(Array(8).fill(0));
    await consumer.stop();
    await expect(gateway.GetOffsets({ topic: 'none' })).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('gives ranges and ends, in messages of bounded size that go on from each other', async () => {
    const { gateway, ports } = place;
    const large = Array.from({ length: 9 }, (_, i) => event(`large${i}`, { value: new Uint8Array(700_000) }));
    for (const one of large) await ports.log.append(at(0), [one]);
    await ports.log.append(at(1), events(700));
    const ranges = [
      { ...at(0), from: 1, to: 9 },
      { ...at(1), from: 0, to: 700 },
    ];
    const batches = await collected(gateway.ReadEvents({ ranges }));
    expect(idsIn(batches)).toEqual([...large.slice(1).map(({ id }) => id), ...ids(700)]);
    let [partition, next] = [0, 1];
    for (const batch of batches) {
      if (batch.partition !== partition) [partition, next] = [batch.partition, 0];
      expect(batch.events[0]!.offset).toBe(next);
      next = batch.next;
      expect(batch.events.reduce((sum, { value }) => sum + value.length, 0)).toBeLessThanOrEqual(2 ** 21);
    }
    expect(next).toBe(700);
  });

  it("shows nothing of the brokers' that is not elastream's", async () => {
    const { gateway, ports } = place;
    const foreign = { name: 'payments', partitions: 1 };
    await ports.log.declare([foreign]);
    const refused = { code: 'invalid_argument', message: expect.stringContaining('payments" is none of elastream\'s') };
    expect((await gateway.ListTopics({})).topics).not.toContainEqual(foreign);
    await expect(gateway.GetOffsets({ topic: 'payments' })).rejects.toMatchObject(refused);
    for (const range of [
      { topic: 'payments', partition: 0, from: 0, to: 1 },
      { topic: 'payments', partition: 0, from: 0 },
    ]) {
      const reading = collected(gateway.ReadEvents({ ranges: [range] }));
      await expect(reading).rejects.toMatchObject(refused);
    }
  });

  it('refuses more ranges than there can be partitions, and groups that have no name', async () => {
    const ranges = Array.from({ length: 10_001 }, () => ({ ...at(0), from: 0, to: 1 }));
    const problem = (message: string) => ({ code: 'invalid_argument', message: expect.stringContaining(message) });
    const reading = collected(place.gateway.ReadEvents({ ranges }));
    await expect(reading).rejects.toMatchObject(problem('ranges has 10001 entries; at most 10000 are allowed'));
    const asked = (group: string) => place.gateway.GetOffsets({ topic, group });
    await expect(asked('g'.repeat(300))).rejects.toMatchObject(problem('group has 300 bytes; at most 256'));
    await expect(asked('')).rejects.toMatchObject(problem('group is empty'));
  });

  it('refuses ranges of both kinds in one call', async () => {
    const ranges = [
      { ...at(0), from: 0, to: 1 },
      { ...at(1), from: 0 },
    ];
    const reading = collected(place.gateway.ReadEvents({ ranges }));
    await expect(reading).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('1 of the 2'),
    });
  });

  it('goes on with what comes, a batch at a time, until the caller stops', async () => {
    const handed: number[] = [];
    await place.close();
    let ended: Promise<void> | undefined;
    place = await openGatewayPlace({}, (log) => ({
      async follow(follower) {
        const consumer = await log.follow({
          ...follower,
          batchRecordsMax: 2,
          onBatch(batch) {
            handed.push(batch.next);
            return follower.onBatch(batch);
          },
        });
        ended = consumer.ended;
        return consumer;
      },
    }));
    const { gateway, ports } = place;
    await ports.log.append(at(3), events(6));
    const following = gateway.ReadEvents({ ranges: [{ ...at(3), from: 1 }] })[Symbol.asyncIterator]();
    const first = await following.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([idsIn([first.value]), handed]).toEqual([['e1', 'e2'], [3]]);
    await following.next();
    await following.next();
    const pending = following.next();
    await ports.log.append(at(3), [event('live')]);
    expect(idsIn([(await pending).value])).toEqual(['live']);
    const never = following.next();
    await following.return!();
    expect(await never).toEqual({ done: true, value: undefined });
    await ended;
  });

  it('says that it is to be asked again where the log closes under a reader', async () => {
    const following = place.gateway.ReadEvents({ ranges: [{ ...at(3), from: 0 }] })[Symbol.asyncIterator]();
    const pending = following.next();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const refused = expect(pending).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await place.ports.log.close();
    await refused;
  });
});
