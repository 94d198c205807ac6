import { AppError } from '../../../src/model/app-error.ts';
import { eventBytes, type NewEvent } from '../../../src/model/event-record.ts';
import type { EventLog, OffsetRange, TopicPartition } from '../../../src/ports/event-log.ts';
import { createPortCalls, type Life } from './life.ts';
import type { SimulatedGroups } from './simulated-groups.ts';
import { copiedEvent, type StoredLog } from './stored-log.ts';
import { type Surroundings, unavailable } from './surroundings.ts';

/** An event that a producer was told is durable. */
export interface AcknowledgedEvent extends TopicPartition {
  readonly id: string;
  readonly offset: number;
}

export interface LogParts {
  readonly stored: StoredLog;
  readonly groups: SimulatedGroups;
  readonly acknowledged: AcknowledgedEvent[];
}

const BATCH_RECORDS_MAX = 500;

/** A node's access to the log that all nodes share. */
export function createSimulatedLog(around: Surroundings, life: Life, parts: LogParts): EventLog {
  const { stored, groups, acknowledged } = parts;
  const calls = createPortCalls(around, life, 'event log');
  const random = around.random.fork(`log of ${life.who}`);
  const abandons: (() => void)[] = [];
  let closed = false;

  /** Ends a consumer when the handle is closed or the node ends, whichever comes first. */
  function register(abandon: () => void): void {
    if (closed) abandon();
    abandons.push(abandon);
    life.onEnd(abandon);
  }

  function store(at: TopicPartition, events: readonly NewEvent[]): number[] {
    const cut = around.strikes('appendCut');
    const kept = cut ? events.slice(0, random.int(events.length + 1)) : events;
    const gap = () => (around.strikes('offsetGap') ? 1 + random.int(3) : 0);
    const offsets = kept.length === 0 ? [] : stored.store(at, kept, [gap(), gap()]);
    around.tell(life.who, `stored ${at.topic} ${at.partition}: ${kept.map(({ id }) => id).join(' ')}`);
    if (offsets.length > 0) groups.wake(at);
    if (cut) throw unavailable('the event log');
    return offsets;
  }

  async function* read(ranges: readonly OffsetRange[]) {
    const left = ranges.map((range) => ({ ...range }));
    while (left.length > 0) {
      const i = around.strikes('readInterleaved') ? random.int(left.length) : 0;
      const range = left[i]!;
      const batch = await calls.call(`read ${range.topic} ${range.partition} ${range.from}`, 'readCut', () => {
        const recordsMax = around.strikes('batchCut') ? 1 + random.int(5) : BATCH_RECORDS_MAX;
        return stored.batchFrom(range, range.from, recordsMax);
      });
      const records = batch.records.filter(({ offset }) => offset < range.to);
      range.from = Math.min(batch.next, range.to);
      if (records.length === 0 || range.from >= range.to) left.splice(i, 1);
      if (records.length > 0) yield { ...batch, records, next: range.from };
    }
  }

  return {
    declare: (topics) => calls.call('declared', 'logRefused', () => stored.declare(topics)),
    topics: () => calls.call('topics', 'logRefused', () => stored.topics()),
    endOffsets: (topic) => calls.call('end offsets', 'logRefused', () => stored.endOffsets(topic)),
    committedOffsets: (group, topic) =>
      calls.call('committed offsets', 'logRefused', () => stored.committedOffsets(group, topic)),
    async append(at, events) {
      stored.checkPlace(at);
      for (const event of events) eventBytes(event);
      // The caller may reuse its bytes at once.
      const copies = events.map(copiedEvent);
      const offsets = await calls.call('appended', 'appendRefused', () => store(at, copies));
      acknowledged.push(...offsets.map((offset, i) => ({ ...at, id: copies[i]!.id, offset })));
      return offsets;
    },
    async join(member) {
      if (!/^[a-zA-Z0-9._-]{1,200}$/.test(member.group)) {
        throw new AppError('invalid_argument', `"${member.group}" cannot name a group; use letters, digits, . _ and -`);
      }
      for (const topic of member.topics) stored.partitionsOf(topic);
      return calls.call(`joined ${member.group}`, 'logRefused', () => groups.join(life, member, register));
    },
    async follow(follower) {
      for (const at of follower.from) stored.checkPlace(at);
      return calls.call('followed', 'logRefused', () => groups.follow(life, follower, register));
    },
    async *read(ranges) {
      for (const range of ranges) stored.checkPlace(range);
      yield* read(ranges);
    },
    async close() {
      closed = true;
      calls.close();
      for (const abandon of abandons.splice(0)) abandon();
    },
  };
}
