import { roundOf } from '../../src/learning/campaign/campaign-state.ts';
import type { MemberModel } from '../../src/learning/ensemble/member-models.ts';
import { memberPartition } from '../../src/model/partitioner.ts';
import type { MembersReading } from '../../src/runtime/members-reading.ts';
import type { RoundMembers } from '../../src/runtime/round-members.ts';
import type { CampaignBook } from './campaign-book.ts';

/** Which models rounds have, also of those that were over when this process started. */
export interface RoundModels {
  /** Of the round's members those that are trained, ascending; of an old round read from the log, once. */
  find(campaign: string, round: number): Promise<readonly MemberModel[]>;
  /** Whether they are found without reading. */
  isKnown(campaign: string, round: number): boolean;
}

export interface RoundModelsParts {
  readonly book: CampaignBook;
  readonly reading: Pick<MembersReading, 'topic' | 'isWhole'>;
  readonly old: RoundMembers;
}

export function createRoundModels({ book, reading, old }: RoundModelsParts): RoundModels {
  const { partitions } = reading.topic;
  const asked = new Set<string>();

  function isInBook(campaign: string, round: number): boolean {
    const { opened } = roundOf(book.state(campaign), round);
    const places = Array.from({ length: membersOf(campaign) }, (_, member) => memberPartition(member, partitions));
    return opened === undefined || places.every((partition) => reading.isWhole(opened, partition));
  }

  function membersOf(campaign: string): number {
    return book.state(campaign).created?.config.ensemble.members ?? 0;
  }

  return {
    isKnown: (campaign, round) => asked.has(nameOf(campaign, round)) || isInBook(campaign, round),
    async find(campaign, round) {
      if (isInBook(campaign, round)) return book.trained(campaign, round);
      asked.add(nameOf(campaign, round));
      const opened = roundOf(book.state(campaign), round).opened!;
      const next = roundOf(book.state(campaign), round + 1).opened;
      const found = await old.find({ campaign, members: membersOf(campaign), opened, ...(next && { next }) });
      return [...found.values()];
    },
  };
}

function nameOf(campaign: string, round: number): string {
  return `${round} ${campaign}`;
}
