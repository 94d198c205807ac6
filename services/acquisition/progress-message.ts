import type { CampaignState } from '../../src/learning/campaign-state.ts';
import { memberKey, roundOf } from '../../src/learning/campaign-state.ts';
import { acquiredLabels, currentRound, outcomeOf } from '../../src/learning/campaign-step.ts';
import { poolSize } from '../../src/learning/round-snapshot.ts';
import type { CampaignProgress } from '../../src/protocol/generated/elastream/v1/services.generated.ts';

/** How far a campaign is, as those who watch it are told. */
export function progressMessage(campaign: string, state: CampaignState): CampaignProgress {
  const number = currentRound(state);
  const round = roundOf(state, number);
  const { opened, selected = [] } = round;
  const outcomes = selected.map((_, i) => outcomeOf(round, i));
  const members = state.created?.config.ensemble.members ?? 0;
  const trained = Array.from({ length: members }, (_, member) => member).filter(
    (member) => opened && round.models.has(memberKey(opened.snapshotHash, member)),
  );
  const labelled = outcomes.filter((outcome) => outcome === 'labelled').length;
  return {
    campaign,
    round: number,
    membersTrained: trained.length,
    members,
    calculationsSettled: outcomes.filter((outcome) => outcome !== undefined).length,
    calculations: selected.length,
    // Those of a closed round count already.
    labelsAcquired: acquiredLabels(state) + (round.outcomes === undefined ? labelled : 0),
    pool: opened ? poolSize(opened.snapshot) - selected.length : 0,
    paused: state.paused,
    stopped: state.stopped,
  };
}
