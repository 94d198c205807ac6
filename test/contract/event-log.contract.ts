import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EVENT_BYTES_MAX, type NewEvent } from '../../src/model/event-record.ts';
import type { EventBatch, EventLog, GroupMember } from '../../src/ports/event-log.ts';
import { collected, event, events, ids, idsOf } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';

/** A place that holds a log. It is empty at first or shared with other tests: the suite invents its own names. */
export interface EventLogPlace {
  open(): Promise<EventLog>;
  remove(): Promise<void>;
}

const PARTITIONS = 4;
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
let names = 0;
const unique = (name: string) => `${name}-${process.pid}-${Math.random().toString(36).slice(2, 8)}-${names++}`;

/** The contract of every EventLog; the numbers are those of src/ports/event-log.ts. */
export function eventLogContract(create: () => Promise<EventLogPlace>): void {
  let place: EventLogPlace;
  let log: EventLog;
  let topic: string;
  let group: string;

  const at = (partition: number) => ({ topic, partition });
  /** Reopens the log as after a crash: no consumer is stopped first. */
  const reopen = async () => {
    await log.close();
    log = await place.open();
  };
  const readBack = async (partition: number, from = 0, to?: number, name = topic) =>
    collected(log.read([{ topic: name, partition, from, to: to ?? (await log.endOffsets(name))[partition]! }]));
  /** Joins the group and collects its batches. */
  const member = async (change: Partial<GroupMember> = {}) => {
    const batches: EventBatch[] = [];
    const onBatch = async (batch: EventBatch) => void batches.push(batch);
    const consumer = await log.join({ group, topics: [topic], onBatch, ...change });
    return { batches, consumer, ids: () => idsOf(batches) };
  };
  const allCommitted = async () =>
    String(await log.committedOffsets(group, topic)) === String(await log.endOffsets(topic));

  beforeEach(async () => {
    place = await create();
    log = await place.open();
    topic = unique('topic');
    group = unique('group');
    await log.declare([{ name: topic, partitions: PARTITIONS }]);
  });
  afterEach(async () => {
    await log.close();
    await place.remove();
  });

  describe('topics', () => {
    it('are declared once, any number of times, and listed', async () => {
      const other = { name: unique('other'), partitions: 2 };
      await Promise.all([log.declare([other]), log.declare([other, { name: topic, partitions: PARTITIONS }])]);
      await reopen();
      expect(await log.topics()).toContainEqual(other);
      expect(await log.topics()).toContainEqual({ name: topic, partitions: PARTITIONS });
      expect(await log.endOffsets(other.name)).toEqual([0, 0]);
    });

    it('refuse another number of partitions and stay usable', async () => {
      await expect(log.declare([{ name: topic, partitions: 5 }])).rejects.toMatchObject({
        code: 'storage_incompatible',
        message: expect.stringContaining('has 4 partitions, not 5'),
      });
      expect(await log.append(at(3), events(1))).toEqual([0]);
    });

    it('that are not there, and partitions out of range, are refused', async () => {
      const refused = { code: 'invalid_argument' };
      await expect(log.append({ topic: unique('none'), partition: 0 }, events(1))).rejects.toMatchObject(refused);
      await expect(log.append(at(PARTITIONS), events(1))).rejects.toMatchObject(refused);
      await expect(log.append(at(-1), events(1))).rejects.toMatchObject(refused);
      await expect(log.endOffsets(unique('none'))).rejects.toMatchObject(refused);
      await expect(member({ topics: [unique('none')] })).rejects.toMatchObject(refused);
    });
  });

  describe('append and read', () => {
    it('keep every attribute and byte', async () => {
      const sent: NewEvent[] = [
        event('plain'),
        event('Gr\u00fc\u00dfe \u6750\u6599 \u{1F48E}', { key: Uint8Array.of(0, 255, 128), value: new Uint8Array(0) }),
        event('no-key', {
          key: new Uint8Array(0),
          type: 't'.repeat(1024),
          value: Uint8Array.from({ length: 256 }, (_, i) => i),
        }),
        event('traced', { traceparent: TRACEPARENT }),
      ];
      await log.append(at(1), sent);
      await reopen();
      const [batch] = await readBack(1);
      const plain = ({ key, value, ...rest }: NewEvent) => ({ ...rest, key: [...key], value: [...value] });
      expect(batch!.records.map(plain)).toEqual(sent.map((one, offset) => ({ ...plain(one), offset })));
    });

    it('give offsets that lead back to the events', async () => {
      const offsets = [...(await log.append(at(2), events(3, 'a'))), ...(await log.append(at(2), events(2, 'b')))];
      expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
      expect(new Set(offsets).size).toBe(5);
      for (const [i, id] of [...ids(3, 'a'), ...ids(2, 'b')].entries()) {
        expect(idsOf(await readBack(2, offsets[i], offsets[i]! + 1))).toEqual([id]);
      }
      expect((await log.endOffsets(topic))[2]).toBeGreaterThan(offsets.at(-1)!);
      expect(await log.append(at(2), [])).toEqual([]);
    });

    it('read ranges and nothing beyond', async () => {
      await log.append(at(0), events(10, 'a'));
      await log.append(at(1), events(10, 'b'));
      const batches = await collected(
        log.read([
          { ...at(0), from: 2, to: 5 },
          { ...at(1), from: 8, to: 99 },
          { ...at(2), from: 0, to: 9 },
          { ...at(3), from: 7, to: 7 },
        ]),
      );
      const of = (partition: number) => idsOf(batches.filter((batch) => batch.partition === partition));
      expect([of(0), of(1), of(2), of(3)]).toEqual([['a2', 'a3', 'a4'], ['b8', 'b9'], [], []]);
    });

    it('split a long range into bounded batches', async () => {
      const large = Array.from({ length: 12 }, (_, i) => event(`large${i}`, { value: new Uint8Array(500_000) }));
      for (const one of large) await log.append(at(0), [one]);
      await log.append(at(0), events(3000));
      const batches = await readBack(0);
      expect(idsOf(batches)).toEqual([...large.map(({ id }) => id), ...ids(3000)]);
      for (const { records } of batches) {
        expect(records.reduce((sum, { value }) => sum + value.length, 0)).toBeLessThan(3 * 2 ** 20);
        expect(records.length).toBeLessThanOrEqual(1000);
      }
    });

    it('take an event of the greatest size, and no greater one', async () => {
      const bare = event('big', { value: new Uint8Array(0) });
      const attributes = bare.key.length + bare.id.length + bare.source.length + bare.type.length;
      const room = EVENT_BYTES_MAX - attributes - bare.time.length - bare.contentType.length;
      // Tracing must not make an event too large.
      await log.append(at(0), [{ ...bare, value: new Uint8Array(room).fill(7), traceparent: TRACEPARENT }]);
      await expect(log.append(at(0), [{ ...bare, value: new Uint8Array(room + 1) }])).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringContaining('big'),
      });
      for (const wrong of [event(''), event('mistraced', { traceparent: `${TRACEPARENT}-01` })]) {
        await expect(log.append(at(0), [wrong])).rejects.toMatchObject({ code: 'invalid_argument' });
      }
      const records = (await readBack(0)).flatMap((batch) => batch.records);
      expect(records.map(({ value }) => value.every((byte) => byte === 7) && value.length)).toEqual([room]);
    });

    it('take in one call, in order, more than goes to a broker at once, traced too (2)', async () => {
      const value = new Uint8Array(2700);
      const many = [345, 346, 1500].flatMap((count) => events(count, `${count}-`));
      const traced = many.map((one) => ({ ...one, value, traceparent: TRACEPARENT }));
      expect(await log.append(at(3), traced)).toHaveLength(many.length);
      expect(idsOf(await readBack(3))).toEqual(many.map(({ id }) => id));
    });

    it('do not depend on the buffers that were handed over', async () => {
      const value = Buffer.from('first');
      const appended = log.append(at(0), [event('reused', { value })]);
      value.fill('x');
      await appended;
      expect(Buffer.from((await readBack(0))[0]!.records[0]!.value).toString()).toBe('first');
    });

    it('keep the order of each partition, whatever is interleaved (2)', async () => {
      const plan = fc.array(fc.tuple(fc.nat(PARTITIONS - 1), fc.integer({ min: 1, max: 5 })), { maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(plan, async (steps) => {
          const name = unique('order');
          await log.declare([{ name, partitions: PARTITIONS }]);
          const sent = Array.from({ length: PARTITIONS }, () => [] as string[]);
          let last: Promise<unknown>[] = [];
          for (const [i, [partition, count]] of steps.entries()) {
            // Only calls for different partitions run concurrently; calls for one partition are awaited.
            if (steps.slice(0, i).some(([earlier]) => earlier === partition)) await Promise.all(last.splice(0));
            last.push(log.append({ topic: name, partition }, events(count, `${i}-`)));
            sent[partition]!.push(...ids(count, `${i}-`));
          }
          await Promise.all(last);
          last = [];
          for (let partition = 0; partition < PARTITIONS; partition++) {
            const records = (await readBack(partition, 0, undefined, name)).flatMap((batch) => batch.records);
            expect(records.map(({ id }) => id)).toEqual(sent[partition]);
            for (let i = 1; i < records.length; i++) expect(records[i]!.offset).toBeGreaterThan(records[i - 1]!.offset);
          }
        }),
        { numRuns: 15 },
      );
    });

    it('still hold after the log was closed and opened again (1)', async () => {
      await log.append(at(0), events(700));
      await reopen();
      expect(idsOf(await readBack(0))).toEqual(ids(700));
      await log.append(at(0), [event('later')]);
      expect(idsOf(await readBack(0)).at(-1)).toBe('later');
    });

    it('refuse once the log is closed', async () => {
      const closed = await place.open().catch(() => log);
      await closed.close();
      await expect(closed.append(at(0), events(1))).rejects.toMatchObject({ code: 'closed' });
      if (closed === log) log = await place.open();
    });
  });

  describe('a group', () => {
    it('begins with the earliest event and goes on with new ones, in order', async () => {
      await log.append(at(0), events(30, 'old'));
      const one = await member({ batchRecordsMax: 7 });
      await eventually(() => one.ids().length === 30);
      await log.append(at(0), events(20, 'new'));
      await eventually(() => one.ids().length === 50);
      expect(one.ids()).toEqual([...ids(30, 'old'), ...ids(20, 'new')]);
      for (const { records } of one.batches) expect(records.length).toBeLessThanOrEqual(7);
      await one.consumer.stop();
      await one.consumer.ended;
    });

    it('is given batches of bounded bytes, and a larger event by itself', async () => {
      const sized = (bytes: number, i: number) => ({ ...event(`e${i}`), value: new Uint8Array(bytes) });
      await log.append(at(0), [400, 400, 400, 5000, 100, 100, 100].map(sized));
      const one = await member({ batchBytesMax: 1000 });
      await eventually(allCommitted);
      expect(one.ids()).toEqual(ids(7));
      for (const { records } of one.batches) {
        const bytes = records.reduce((sum, { value }) => sum + value.length, 0);
        expect(bytes <= 1000 || records.length === 1).toBe(true);
      }
      expect(Math.max(...one.batches.map(({ records }) => records.length))).toBeGreaterThan(1);
      await one.consumer.stop();
    });

    it('stopped well, is given nothing twice (4)', async () => {
      for (let p = 0; p < PARTITIONS; p++) await log.append(at(p), events(50, `${p}-`));
      const one = await member({ batchRecordsMax: 5 });
      await eventually(() => one.batches.length > 3);
      await one.consumer.stop();
      await reopen();
      const two = await member();
      await eventually(allCommitted);
      expect([...one.ids(), ...two.ids()].sort()).toEqual([0, 1, 2, 3].flatMap((p) => ids(50, `${p}-`)).sort());
      await two.consumer.stop();
    });

    it('is given again what its handler had not finished when the log died (4)', async () => {
      await log.append(at(1), events(9));
      const started: EventBatch[] = [];
      const onBatch = async (batch: EventBatch) => {
        started.push(batch);
        if (started.length === 3) await new Promise(() => {});
      };
      const { consumer } = await member({ batchRecordsMax: 3, onBatch });
      await eventually(() => started.length === 3);
      await reopen();
      await consumer.ended;
      const two = await member();
      await eventually(allCommitted);
      expect(idsOf(started).slice(6)).toEqual(['e6', 'e7', 'e8']);
      expect(two.ids()).toEqual(ids(9).slice(9 - two.ids().length));
      expect(two.ids()).toEqual(expect.arrayContaining(['e6', 'e7', 'e8']));
      await two.consumer.stop();
    });

    it('ends with the error of its handler, and the next one is given the batch again (4)', async () => {
      await log.append(at(1), events(6));
      const onBatch = async ({ records }: EventBatch) => {
        if (records[0]!.id === 'e3') throw new Error('cannot e3');
      };
      const failing = await member({ batchRecordsMax: 3, onBatch });
      await expect(failing.consumer.ended).rejects.toThrow('cannot e3');
      await failing.consumer.stop();
      expect((await log.committedOffsets(group, topic))[1]).toBeLessThanOrEqual(3);
      const two = await member();
      await eventually(() => two.ids().includes('e5'));
      expect(two.ids().slice(-3)).toEqual(['e3', 'e4', 'e5']);
      await two.consumer.stop();
    });

    it('knows where each partition goes on before its first batch', async () => {
      for (const p of [0, 1]) await log.append(at(p), events(4, `${p}-`));
      const one = await member();
      await eventually(allCommitted);
      await one.consumer.stop();
      await log.append(at(1), [event('next')]);
      const story: string[] = [];
      const two = await member({
        async onAssigned(starts) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          for (const { partition, offset } of starts) story.push(`${partition}@${offset}`);
        },
        onBatch: async ({ records }) => void story.push(...records.map(({ id }) => id)),
      });
      await eventually(() => story.includes('next'));
      expect(story.slice(0, 4).sort()).toEqual(['0@4', '1@4', '2@0', '3@0']);
      expect(story.slice(4)).toEqual(['next']);
      await two.consumer.stop();
    });

    it('waits for its handler: one batch per partition, at most as many side by side as it wants', async () => {
      for (let p = 0; p < PARTITIONS; p++) await log.append(at(p), events(40, `${p}-`));
      const running = new Set<number>();
      let [most, handled, overlaps] = [0, 0, 0];
      const onBatch = async ({ partition, records }: EventBatch) => {
        if (running.has(partition)) overlaps++;
        running.add(partition);
        most = Math.max(most, running.size);
        await new Promise((resolve) => setTimeout(resolve, 3));
        running.delete(partition);
        handled += records.length;
      };
      const { consumer } = await member({ concurrency: 2, batchRecordsMax: 10, onBatch });
      await eventually(() => handled === 160);
      expect([most, overlaps]).toEqual([2, 0]);
      await consumer.stop();
    });

    it('does not disturb another group', async () => {
      await log.append(at(0), events(5));
      const one = await member();
      const two = await member({ group: unique('group') });
      await eventually(() => one.ids().length === 5 && two.ids().length === 5);
      await Promise.all([one.consumer.stop(), two.consumer.stop()]);
    });
  });

  describe('members of a group', () => {
    /** Records which member holds which partitions, and whether two ever held the same one. */
    const ledger = () => {
      const owner = new Map<string, string>();
      const doubled: string[] = [];
      const duties = (name: string): Pick<GroupMember, 'onAssigned' | 'onRevoked'> => ({
        async onAssigned(starts) {
          for (const { topic, partition } of starts) {
            if (owner.has(`${topic} ${partition}`)) doubled.push(`${name}: ${topic} ${partition}`);
            owner.set(`${topic} ${partition}`, name);
          }
        },
        async onRevoked(partitions) {
          for (const { topic, partition } of partitions) owner.delete(`${topic} ${partition}`);
        },
      });
      const of = (name: string) => [...owner].filter(([, who]) => who === name).map(([what]) => what);
      return { owner, doubled, duties, of };
    };

    it('share the partitions, those of the same number together, and hand them over (5)', async () => {
      const twin = unique('twin');
      await log.declare([{ name: twin, partitions: PARTITIONS }]);
      const { owner, doubled, duties, of } = ledger();
      const topics = [topic, twin];
      const one = await member({ topics, ...duties('one') });
      await eventually(() => of('one').length === 2 * PARTITIONS);
      const two = await member({ topics, ...duties('two') });
      await eventually(() => of('one').length > 0 && of('two').length > 0 && owner.size === 2 * PARTITIONS);
      for (let p = 0; p < PARTITIONS; p++) expect(owner.get(`${topic} ${p}`)).toBe(owner.get(`${twin} ${p}`));
      for (let p = 0; p < PARTITIONS; p++) await log.append(at(p), events(20, `${p}-`));
      await eventually(allCommitted);
      await one.consumer.stop();
      await eventually(() => of('two').length === 2 * PARTITIONS);
      for (let p = 0; p < PARTITIONS; p++) await log.append(at(p), [event(`${p}-last`)]);
      await eventually(allCommitted);
      const all = [0, 1, 2, 3].flatMap((p) => [...ids(20, `${p}-`), `${p}-last`]);
      expect([...one.ids(), ...two.ids()].sort()).toEqual(all.sort());
      expect(doubled).toEqual([]);
      await two.consumer.stop();
      expect(owner.size).toBe(0);
    });

    it('come and go at work without loss, doubling or disorder', async () => {
      const handled = new Map<number, string[]>();
      const onBatch = async ({ partition, records }: EventBatch) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        handled.set(partition, [...(handled.get(partition) ?? []), ...records.map(({ id }) => id)]);
      };
      for (let p = 0; p < PARTITIONS; p++) await log.append(at(p), events(200, `${p}-`));
      const options = { onBatch, batchRecordsMax: 5, concurrency: 2 };
      const first = await member(options);
      const second = await member(options);
      const third = await member(options);
      await first.consumer.stop();
      const fourth = await member(options);
      await second.consumer.stop();
      await eventually(allCommitted);
      for (let p = 0; p < PARTITIONS; p++) expect(handled.get(p)).toEqual(ids(200, `${p}-`));
      await Promise.all([third.consumer.stop(), fourth.consumer.stop()]);
    });

    it('take over from one whose handler failed', async () => {
      const { of, duties } = ledger();
      const onBatch = async () => {
        throw new Error('broken');
      };
      const broken = await member({ onBatch, ...duties('broken') });
      const sound = await member(duties('sound'));
      await eventually(() => of('broken').length > 0 && of('sound').length > 0);
      for (let p = 0; p < PARTITIONS; p++) await log.append(at(p), events(3, `${p}-`));
      await expect(broken.consumer.ended).rejects.toThrow('broken');
      await eventually(allCommitted);
      expect(sound.ids().sort()).toEqual([0, 1, 2, 3].flatMap((p) => ids(3, `${p}-`)).sort());
      await sound.consumer.stop();
    });
  });

  describe('a follower', () => {
    it('gets everything from its offsets on and commits nothing', async () => {
      for (const p of [0, 1]) await log.append(at(p), events(5, `${p}-`));
      const batches: EventBatch[] = [];
      const from = [
        { ...at(0), offset: 3 },
        { ...at(1), offset: 0 },
      ];
      const follower = await log.follow({ from, onBatch: async (batch) => void batches.push(batch) });
      const of = (partition: number) => idsOf(batches.filter((batch) => batch.partition === partition));
      await eventually(() => of(0).length === 2 && of(1).length === 5);
      await log.append(at(0), [event('live')]);
      await eventually(() => of(0).length === 3);
      expect([of(0), of(1)]).toEqual([['0-3', '0-4', 'live'], ids(5, '1-')]);
      await follower.stop();
      await follower.ended;
      await log.append(at(0), [event('too late')]);
      expect(of(0)).not.toContain('too late');
      expect(await log.committedOffsets(group, topic)).toEqual([0, 0, 0, 0]);
    });

    it('ends with the error of its handler', async () => {
      await log.append(at(0), events(1));
      const onBatch = async () => {
        throw new Error('cannot follow');
      };
      const follower = await log.follow({ from: [{ ...at(0), offset: 0 }], onBatch });
      await expect(follower.ended).rejects.toThrow('cannot follow');
    });
  });
}
