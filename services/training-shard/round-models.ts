import type { CampaignCreated } from '../../src/learning/campaign/campaign-events.ts';
import type { MemberModel } from '../../src/learning/ensemble/member-models.ts';
import { memberPartition } from '../../src/model/partitioner.ts';
import type { CampaignStates } from '../../src/reading/campaign-states.ts';
import type { MembersReading } from '../../src/reading/members-reading.ts';
import type { RoundMembers } from '../../src/reading/round-members.ts';
import type { OpenedRound, TrainedMembers } from '../../src/reading/trained-members.ts';

/** Which models rounds have, also of those that were over when this process started. */
export interface RoundModels {
  /** Of the round's members those that are trained, ascending; of an old round read from the log, once. */
  find(campaign: string, round: number): Promise<readonly MemberModel[]>;
  /** Whether they are found without reading. */
  isKnown(campaign: string, round: number): boolean;
}

export interface RoundModelsParts {
  readonly states: CampaignStates;
  readonly trained: TrainedMembers<MemberModel>;
  readonly reading: Pick<MembersReading, 'topic' | 'isWhole'>;
  readonly old: RoundMembers;
}

export function createRoundModels({ states, trained, reading, old }: RoundModelsParts): RoundModels {
  const { partitions } = reading.topic;
  const asked = new Set<string>();

  /** Whether all that the log says of the round's members is read from its beginning. */
  function isWhole({ config }: CampaignCreated, opened: OpenedRound): boolean {
    const members = Array.from({ length: config.ensemble.members }, (_, member) => member);
    return members.every((member) => reading.isWhole(opened, memberPartition(member, partitions)));
  }

  function isKnown(campaign: string, round: number): boolean {
    const { created, rounds } = states.state(campaign);
    const { opened } = rounds.get(round) ?? {};
    return created === undefined || opened === undefined || isWhole(created, opened);
  }

  return {
    isKnown: (campaign, round) => asked.has(nameOf(campaign, round)) || isKnown(campaign, round),
    async find(campaign, round) {
      const { created, rounds } = states.state(campaign);
      const { opened } = rounds.get(round) ?? {};
      if (created === undefined || opened === undefined) return [];
      if (isWhole(created, opened)) return [...trained.of(created, opened).values()];
      asked.add(nameOf(campaign, round));
      const found = await old.find({ created, opened, next: rounds.get(round + 1)?.opened });
      return [...found.values()];
    },
  };
}

function nameOf(campaign: string, round: number): string {
  return `${round} ${campaign}`;
}
