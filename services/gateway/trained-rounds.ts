import type { CampaignCreated } from '../../src/learning/campaign-events.ts';
import { type MemberModel, memberModel } from '../../src/learning/member-models.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { EventLogReader } from '../../src/ports/event-log.ts';
import { type CampaignHistory, createHistoryKeeper, type RoundHistory } from '../../src/runtime/campaign-history.ts';
import { createLogCatchUp } from '../../src/runtime/log-catch-up.ts';

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
  const keeper = createHistoryKeeper();
  const models = new Map<string, MemberModel>();
  const readOn = createLogCatchUp(log, [campaigns, members], (received) => {
    keeper.take(received);
    const { event } = received;
    if (event.type !== 'MemberTrained') return;
    const key = `${event.campaign} ${event.snapshotHash} ${event.member}`;
    if (!models.has(key)) models.set(key, memberModel(event));
  });

  function membersOf({ created }: CampaignHistory, { opened }: RoundHistory): MemberModel[] | undefined {
    const found = Array.from({ length: created.config.ensemble.members }, (_, member) =>
      models.get(`${created.campaign} ${opened.snapshotHash} ${member}`),
    );
    return found.every((model) => model !== undefined) ? found : undefined;
  }

  return {
    async find(campaign, number) {
      await readOn();
      const history = keeper.campaigns.get(campaign);
      if (!history) {
        const names = [...keeper.campaigns.keys()].sort().join(', ') || 'none yet';
        throw new AppError('invalid_argument', `there is no campaign "${campaign}"; there are: ${names}`);
      }
      const trained = history.rounds.findLast((round) => membersOf(history, round) !== undefined);
      const round = number === undefined ? trained : history.rounds[number - 1];
      const ensemble = round && membersOf(history, round);
      if (round && ensemble) return { created: history.created, round: round.round, members: ensemble };
      const which = number === undefined ? `no round of ${campaign}` : `round ${number} of ${campaign}`;
      const remedy = trained ? `ask for round ${trained.round}, the newest that is` : 'let the campaign run on';
      throw new AppError('invalid_argument', `${which} is ${number === undefined ? '' : 'not '}trained yet: ${remedy}`);
    },
  };
}
