import type { CampaignCreated } from '../learning/campaign/campaign-events.ts';
import { type MemberModel, memberModel } from '../learning/ensemble/member-models.ts';
import { memberPartition } from '../model/partitioner.ts';
import type { Topic } from '../model/topics.ts';
import type { EventLogReader } from '../ports/event-log.ts';
import { decodeRecords, type Received } from '../runtime/decode-records.ts';
import { membersBegin } from './members-reading.ts';
import { createTrainedMembers, type OpenedRound, type TrainedMembers } from './trained-members.ts';

interface MembersOf {
  readonly created: CampaignCreated;
  readonly opened: OpenedRound;
  /** The round after it, where there is one: there the members mostly end. */
  readonly next?: OpenedRound | undefined;
}

/** The models of rounds that somebody asks for, each read from where its members begin, and once. */
export interface RoundMembers {
  /** The first model of each member as far as the log holds them by now, by member. */
  find(of: MembersOf): Promise<ReadonlyMap<number, MemberModel>>;
}

/** A stretch of the topic: of one round, or of all those together that do not tell where they begin. */
interface Section {
  readonly at: number[];
  readonly found: TrainedMembers<MemberModel>;
  reading: Promise<void>;
}

export function createRoundMembers(log: Pick<EventLogReader, 'endOffsets' | 'read'>, topic: Topic): RoundMembers {
  const sections = new Map<string, Section>();

  function sectionOf({ created: { campaign }, opened }: MembersOf): Section {
    const begin = membersBegin(opened, topic);
    const key = begin === undefined ? '' : `${campaign} ${opened.snapshotHash}`;
    const at = Array.from({ length: topic.partitions }, (_, partition) => begin?.[partition] ?? 0);
    const section = sections.get(key) ?? {
      at,
      found: createTrainedMembers(topic, memberModel),
      reading: Promise.resolve(),
    };
    sections.set(key, section);
    return section;
  }

  async function readOn(of: MembersOf, section: Section): Promise<void> {
    const next = of.next && membersBegin(of.next, topic);
    if (next) await readTo(next, of, section);
    // A writer that lags has noted less for the next round.
    if (missing(of, section).length > 0) await readTo(await log.endOffsets(topic.name), of, section);
  }

  async function readTo(ends: readonly number[], of: MembersOf, section: Section): Promise<void> {
    const partitions = new Set(missing(of, section).map((member) => memberPartition(member, topic.partitions)));
    const ranges = [...partitions].map((partition) => {
      return { topic: topic.name, partition, from: section.at[partition]!, to: ends[partition] ?? 0 };
    });
    for await (const batch of log.read(ranges.filter(({ from, to }) => from < to))) {
      for (const received of decodeRecords(batch).received) take(received, of, section);
      section.at[batch.partition] = batch.next;
      if (missing(of, section).length === 0) return;
    }
  }

  function take({ event }: Received, of: MembersOf, { found }: Section): void {
    if (event.type !== 'MemberTrained') return;
    const isWanted = event.campaign === of.created.campaign && event.snapshotHash === of.opened.snapshotHash;
    // A later one of another round may not be its first.
    if (!isWanted && membersBegin(of.opened, topic) !== undefined) return;
    found.keep(event);
  }

  return {
    async find(of) {
      const section = sectionOf(of);
      section.reading = section.reading.catch(() => {}).then(() => readOn(of, section));
      await section.reading;
      return section.found.of(of.created, of.opened);
    },
  };
}

function missing({ created, opened }: MembersOf, { found }: Section): number[] {
  const there = found.of(created, opened);
  const members = Array.from({ length: created.config.ensemble.members }, (_, member) => member);
  return members.filter((member) => !there.has(member));
}
