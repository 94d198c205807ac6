import type { CampaignState } from '../../src/learning/campaign/campaign-state.ts';
import type { FrozenData } from '../../src/learning/data/campaign-data.ts';
import type { MemberModel } from '../../src/learning/ensemble/member-models.ts';
import type { TrainingShard } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import type { TrainedMembers } from '../../src/reading/trained-members.ts';
import { type RetryContext, retrying } from '../../src/runtime/retry.ts';
import { createTimeSlices } from '../../src/runtime/time-slices.ts';
import type { ProgressReports } from './progress-reports.ts';
import {
  collectRankings,
  measuredUncertainty,
  type RoundSelection,
  rankRequest,
  roundModels,
  roundSelection,
} from './round-selection.ts';

export interface RoundRankingParts {
  readonly context: RetryContext;
  readonly shards: TrainingShard;
  readonly progress: ProgressReports;
  readonly partitions: number;
  state(campaign: string): CampaignState;
  readonly trained: Pick<TrainedMembers<MemberModel>, 'of'>;
}

/** A round of a campaign, and what it is to select. */
export interface WantedSelection {
  readonly round: number;
  readonly size: number;
  readonly frozen: FrozenData;
}

/** Has the shards rank an open round's candidates, and takes the best of all. */
export function createRoundRanking(parts: RoundRankingParts) {
  const { context, shards, progress, partitions } = parts;
  return async (campaign: string, { round, size, frozen }: WantedSelection): Promise<RoundSelection> => {
    const state = parts.state(campaign);
    const { opened } = state.rounds.get(round)!;
    const models = roundModels(state, round, parts.trained);
    const place = { number: round, snapshotHash: opened!.snapshotHash, partitions };
    const request = rankRequest(state.created!, place, models, frozen.lowest, size);
    await progress.report(campaign, { round, step: 'score', done: 0, total: partitions });
    const hashes = models.map(({ modelHash }) => modelHash);
    const rankings = await retrying(context, () => collectRankings(request, hashes, shards.Rank(request)));
    const calibrations = state.rounds.get(round - 1)?.calibrations ?? [];
    const measuring = measuredUncertainty(state.created!, rankings, { round: round - 1, calibrations });
    const uncertainty = await createTimeSlices(context.clock).run(measuring);
    return roundSelection(state, rankings, uncertainty, { round, size });
  };
}
