import { type CampaignState, memberKey, roundOf } from './campaign-state.ts';
import { acquiredLabels, currentRound, outcomeOf } from './campaign-step.ts';
import { poolSize } from './round-snapshot.ts';

/** The progress of a campaign in its current round, which is 0 before the first. */
export interface CampaignProgress {
  readonly round: number;
  readonly members: { readonly trained: number; readonly total: number };
  /** The calculations of the round; all zero before its selection. */
  readonly calculations: { readonly labelled: number; readonly pending: number; readonly failed: number };
  /** In all rounds together. */
  readonly labelsAcquired: number;
  /** The number of candidates left. */
  readonly pool: number;
}

export function campaignProgress(state: CampaignState): CampaignProgress {
  const number = currentRound(state);
  const round = roundOf(state, number);
  const { opened, models, selected = [] } = round;
  const isTrained = (member: number) => models.has(memberKey(opened!.snapshotHash, member));
  const outcomes = selected.map((_, i) => outcomeOf(round, i));
  const labelled = outcomes.filter((outcome) => outcome === 'labelled').length;
  const pending = outcomes.filter((outcome) => outcome === undefined).length;
  const members = Array.from({ length: state.created?.config.ensemble.members ?? 0 }, (_, member) => member);
  // A round that has selected had all its models, whether or not this process still knows them.
  const trained = opened ? members.filter((member) => round.selected !== undefined || isTrained(member)) : [];
  return {
    round: number,
    members: { trained: trained.length, total: members.length },
    calculations: { labelled, pending, failed: outcomes.length - labelled - pending },
    // `acquiredLabels` already includes the labels of a closed round.
    labelsAcquired: acquiredLabels(state) + (round.outcomes === undefined ? labelled : 0),
    pool: opened ? poolSize(opened.snapshot) - selected.length : 0,
  };
}
