import type { CampaignCreated } from '../learning/campaign/campaign-events.ts';
import type { MemberModel } from '../learning/ensemble/member-models.ts';
import { AppError } from '../model/app-error.ts';
import type { Topics } from '../model/topics.ts';
import type { EventLogReader } from '../ports/event-log.ts';
import { type CampaignHistory, createCampaignHistories, type RoundHistory } from './campaign-history.ts';
import { createCampaignStates } from './campaign-states.ts';
import { readingOn } from './read-to-end.ts';
import { createRoundMembers } from './round-members.ts';

/** A round that all members have been trained for. */
export interface TrainedRound {
  readonly created: CampaignCreated;
  readonly round: number;
  /** The first model of each, members ascending. */
  readonly members: readonly MemberModel[];
}

export interface TrainedRounds {
  /**
   * A round as the log holds it now, the newest that is trained unless given.
   * @throws AppError `invalid_argument` where it is not there, or not trained yet
   */
  find(campaign: string, round: number | undefined): Promise<TrainedRound>;
}

export function createTrainedRounds(log: EventLogReader, { campaigns, members }: Topics): TrainedRounds {
  const states = createCampaignStates(campaigns);
  const histories = createCampaignHistories(states);
  const readOn = readingOn(log, states);
  const roundMembers = createRoundMembers(log, members);

  async function trained(
    { created, rounds }: CampaignHistory,
    history: RoundHistory,
  ): Promise<TrainedRound | undefined> {
    const { round, opened } = history;
    const found = await roundMembers.find({ created, opened, next: rounds[round]?.opened });
    const isWhole = found.size === created.config.ensemble.members;
    return isWhole ? { created, round, members: [...found.values()] } : undefined;
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
      const history = histories.get(campaign);
      if (!history) {
        const names = [...histories.keys()].sort().join(', ') || 'none yet';
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
