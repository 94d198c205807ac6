import type { RoundOpened } from '../../src/learning/campaign/campaign-events.ts';
import type { MemberTrained } from '../../src/model/events.ts';
import type { Topic } from '../../src/model/topics.ts';
import type { EventLogReader, TopicPartition } from '../../src/ports/event-log.ts';
import { membersBegin } from '../../src/reading/members-reading.ts';
import { decodeRecords, type Received } from '../../src/runtime/decode-records.ts';

/** Has the first model of a member known before a later one comes, without reading all rounds at each start. */
export interface FirstMembers {
  /** These partitions are read anew from somewhere. */
  assigned(partitions: readonly TopicPartition[]): void;
  /** Learns what stands before these events of the same rounds, and has not been read here. */
  learnBefore(received: readonly Received[]): Promise<void>;
}

export interface FirstMembersParts {
  readonly log: Pick<EventLogReader, 'read'>;
  readonly topic: Topic;
  /** The round that an event belongs to, where its campaign's stream has it. */
  opened(of: MemberTrained): Pick<RoundOpened, 'snapshot' | 'snapshotHash'> | undefined;
  learn(received: readonly Received[]): void;
}

interface ReadPartition {
  /** All from here on has been read. */
  from: number;
  /** Snapshots of which all below has been read too; '' where everything has. */
  readonly whole: Set<string>;
}

export function createFirstMembers({ log, topic, opened, learn }: FirstMembersParts): FirstMembers {
  const partitions = new Map<number, ReadPartition>();

  async function learnRound(
    event: MemberTrained,
    partition: number,
    { from: to, whole }: ReadPartition,
  ): Promise<void> {
    const round = opened(event);
    const begin = round && membersBegin(round, topic)?.[partition];
    const name = begin === undefined ? '' : event.snapshotHash;
    if (whole.has('') || whole.has(name)) return;
    const ranges = [{ topic: topic.name, partition, from: begin ?? 0, to }];
    for await (const batch of log.read(ranges.filter(({ from }) => from < to))) {
      learn(decodeRecords(batch).received.filter((one) => isOf(one, begin === undefined ? undefined : name)));
    }
    whole.add(name);
  }

  return {
    assigned(places) {
      for (const { topic: name, partition } of places) if (name === topic.name) partitions.delete(partition);
    },
    async learnBefore(received) {
      for (const { event, partition, offset } of received) {
        if (event.type !== 'MemberTrained') continue;
        const read = partitions.get(partition) ?? { from: offset, whole: new Set() };
        partitions.set(partition, read);
        read.from = Math.min(read.from, offset);
        await learnRound(event, partition, read);
      }
    },
  };
}

/** @param snapshotHash any where it is not given */
function isOf({ event }: Received, snapshotHash: string | undefined): boolean {
  return event.type === 'MemberTrained' && (snapshotHash ?? event.snapshotHash) === event.snapshotHash;
}
