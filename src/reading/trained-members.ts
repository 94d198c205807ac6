import type { CampaignCreated } from '../learning/campaign/campaign-events.ts';
import type { RoundState } from '../learning/campaign/campaign-state.ts';
import type { MemberTrained } from '../model/events.ts';
import type { Topic } from '../model/topics.ts';
import type { Projection } from './projection.ts';

/** The part of a round that is frozen when it opens. */
export type OpenedRound = NonNullable<RoundState['opened']>;

/**
 * The members' models, or what is kept of them. The first MemberTrained of a round and member in the log is the model. A
 * later one changes nothing, even if its model is different.
 */
export interface TrainedMembers<Kept> extends Projection {
  /** @returns what is kept of the member's model; that model may come from an earlier event */
  keep(event: MemberTrained): Kept;
  /** The trained members of a round, in ascending order. */
  of(created: CampaignCreated, opened: OpenedRound): ReadonlyMap<number, Kept>;
}

export function createTrainedMembers<Kept>(topic: Topic, made: (event: MemberTrained) => Kept): TrainedMembers<Kept> {
  const rounds = new Map<string, Map<number, Kept>>();
  const nameOf = (campaign: string, round: number, snapshotHash: string) => `${round} ${snapshotHash} ${campaign}`;

  function keep(event: MemberTrained): Kept {
    const name = nameOf(event.campaign, event.round, event.snapshotHash);
    const members = rounds.get(name) ?? new Map<number, Kept>();
    rounds.set(name, members);
    const known = members.get(event.member) ?? made(event);
    members.set(event.member, known);
    return known;
  }

  return {
    topics: [topic],
    keep,
    take: ({ event }) => void (event.type === 'MemberTrained' && keep(event)),
    of({ campaign, config }, { snapshot, snapshotHash }) {
      const members = [...(rounds.get(nameOf(campaign, snapshot.round, snapshotHash)) ?? [])];
      const there = members.filter(([member]) => member < config.ensemble.members);
      return new Map(there.sort(([a], [b]) => a - b));
    },
  };
}
