import { AppError } from '../../src/model/app-error.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { EventLogReader } from '../../src/ports/event-log.ts';
import { createCampaignHistories } from '../../src/reading/campaign-history.ts';
import { createCampaignStates } from '../../src/reading/campaign-states.ts';
import { readingOn } from '../../src/reading/read-to-end.ts';
import { createRoundMembers } from '../../src/reading/round-members.ts';
import { newestTrainedRound, type TrainedRound, trainedRound } from '../../src/reading/trained-round.ts';

export interface TrainedRounds {
  /**
   * Finds a round in the log as it is now. Default: the newest trained round.
   * @throws AppError `invalid_argument` if the round does not exist or is not trained yet
   */
  find(campaign: string, round: number | undefined): Promise<TrainedRound>;
}

export function createTrainedRounds(log: EventLogReader, { campaigns, members }: Topics): TrainedRounds {
  const states = createCampaignStates(campaigns);
  const histories = createCampaignHistories(states);
  const readOn = readingOn(log, states);
  const roundMembers = createRoundMembers(log, members);
  return {
    async find(campaign, number) {
      await readOn();
      const history = histories.get(campaign);
      if (!history) {
        const names = [...histories.keys()].sort().join(', ') || 'none yet';
        throw new AppError('invalid_argument', `there is no campaign "${campaign}"; there are: ${names}`);
      }
      const asked = number === undefined ? undefined : history.rounds[number - 1];
      const found = asked && (await trainedRound(history, asked, roundMembers));
      if (found) return found;
      const other = await newestTrainedRound(history, roundMembers);
      if (number === undefined && other) return other;
      const which = number === undefined ? `no round of ${campaign}` : `round ${number} of ${campaign}`;
      const remedy = other ? `ask for round ${other.round.round}, the newest that is` : 'let the campaign run on';
      throw new AppError('invalid_argument', `${which} is ${number === undefined ? '' : 'not '}trained yet: ${remedy}`);
    },
  };
}
