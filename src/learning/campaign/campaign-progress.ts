import { type CampaignState, memberKey, roundOf } from './campaign-state.ts';
import { acquiredLabels, currentRound, outcomeOf } from './campaign-step.ts';
import { poolSize } from './round-snapshot.ts';

/** How far a campaign is in its current round, 0 before the first. */
export interface CampaignProgress {
  readonly round: number;
  readonly members: { readonly trained: number; readonly total: number };
  /** Of the round; all zero before its selection. */
  readonly calculations: { readonly labelled: number; readonly pending: number; readonly failed: number };
  /** In all rounds. */
  readonly labelsAcquired: number;
  /** Candidates left. */
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
  // A round that has selected had all its models, whether or not they are still known here.
  const trained = opened ? members.filter((member) => round.selected !== undefined || isTrained(member)) : [];
  return {
    round: number,
    members: { trained: trained.length, total: members.length },
    calculations: { labelled, pending, failed: outcomes.length - labelled - pending },
    // Those of a closed round count already.
    labelsAcquired: acquiredLabels(state) + (round.outcomes === undefined ? labelled : 0),
    pool: opened ? poolSize(opened.snapshot) - selected.length : 0,
  };
}
