import type { CampaignCreated } from '../../src/learning/campaign/campaign-events.ts';
import type { MemberModel } from '../../src/learning/ensemble/member-models.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { EventLogReader } from '../../src/ports/event-log.ts';
import { type CampaignHistory, createHistoryKeeper, type RoundHistory } from '../../src/runtime/campaign-history.ts';
import { createLogCatchUp } from '../../src/runtime/log-catch-up.ts';
import { createRoundMembers } from '../../src/runtime/round-members.ts';

/** A round whose members are all trained. */
export interface TrainedRound {
  readonly created: CampaignCreated;
  readonly round: number;
  /** The first model of each member, in ascending order of the members. */
  readonly members: readonly MemberModel[];
}

export interface TrainedRounds {
  /**
   * Finds a round in the log as it is now. Default: the newest trained round.
   * @throws AppError `invalid_argument` if the round does not exist or is not trained yet
   */
  find(campaign: string, round: number | undefined): Promise<TrainedRound>;
}

export function createTrainedRounds(log: EventLogReader, { campaigns, members }: Topics): TrainedRounds {
  const keeper = createHistoryKeeper();
  const readOn = createLogCatchUp(log, [campaigns], (received) => void keeper.take(received));
  const roundMembers = createRoundMembers(log, members);

  async function trained(
    { created, rounds }: CampaignHistory,
    history: RoundHistory,
  ): Promise<TrainedRound | undefined> {
    const { round, opened } = history;
    const next = rounds[round]?.opened;
    const of = { campaign: created.campaign, members: created.config.ensemble.members, opened };
    const found = await roundMembers.find({ ...of, ...(next && { next }) });
    return found.size === of.members ? { created, round, members: [...found.values()] } : undefined;
  }

  async function newest(history: CampaignHistory): Promise<TrainedRound | undefined> {
    for (const round of history.rounds.toReversed()) {
      const found = await trained(history, round);
      if (found) return found;
    }
    return undefined;
  }

  return {
    async find(campaign, number) {
      await readOn();
      const history = keeper.campaigns.get(campaign);
      if (!history) {
        const names = [...keeper.campaigns.keys()].sort().join(', ') || 'none yet';
        throw new AppError('invalid_argument', `there is no campaign "${campaign}"; there are: ${names}`);
      }
      const asked = number === undefined ? undefined : history.rounds[number - 1];
      const found = asked && (await trained(history, asked));
      if (found) return found;
      const other = await newest(history);
      if (number === undefined && other) return other;
      const which = number === undefined ? `no round of ${campaign}` : `round ${number} of ${campaign}`;
      const remedy = other ? `ask for round ${other.round}, the newest that is` : 'let the campaign run on';
      throw new AppError('invalid_argument', `${which} is ${number === undefined ? '' : 'not '}trained yet: ${remedy}`);
    },
  };
}
