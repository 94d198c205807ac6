import type { CampaignCreated } from '../learning/campaign/campaign-events.ts';
import type { MemberModel } from '../learning/ensemble/member-models.ts';
import type { CampaignHistory, RoundHistory } from './campaign-history.ts';
import type { RoundMembers } from './round-members.ts';

/** A round whose members are all trained. */
export interface TrainedRound {
  readonly created: CampaignCreated;
  readonly round: RoundHistory;
  /** The first model of each member, in ascending order of the members. */
  readonly members: readonly MemberModel[];
}

/** Undefined if a model of the round is missing. */
export async function trainedRound(
  { created, rounds }: CampaignHistory,
  round: RoundHistory,
  members: RoundMembers,
): Promise<TrainedRound | undefined> {
  const { opened } = round;
  const found = await members.find({ created, opened, next: rounds[round.round]?.opened });
  const isTrained = found.size === created.config.ensemble.members;
  return isTrained ? { created, round, members: [...found.values()] } : undefined;
}

export async function newestTrainedRound(
  history: CampaignHistory,
  members: RoundMembers,
): Promise<TrainedRound | undefined> {
  for (const round of history.rounds.toReversed()) {
    const found = await trainedRound(history, round, members);
    if (found) return found;
  }
  return undefined;
}
