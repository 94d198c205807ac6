import type { PartitionRank } from '../../src/learning/acquisition/rank-partition.ts';
import type { CampaignStates } from '../../src/reading/campaign-states.ts';
import { prepareRanking } from './candidate-ranking.ts';
import type { MemberTrainingParts } from './member-training.ts';
import type { RankedPartitions } from './prediction-storage.ts';
import type { RoundModels } from './round-models.ts';
import type { RoundPreparation } from './round-preparation.ts';

/** What to rank, as the campaign's writer of that epoch had it ranked. */
export interface RankedBefore {
  readonly campaign: string;
  readonly round: number;
  readonly epoch: number;
  readonly partitions: readonly number[];
}

export interface RankAgainParts {
  readonly states: CampaignStates;
  readonly roundModels: Pick<RoundModels, 'find'>;
  readonly preparation: RoundPreparation;
  readonly training: MemberTrainingParts;
}

/**
 * What a round predicted, made anew: the same bits from the same data and models, of which lost ones are trained again.
 * Undefined where the round is not open with all its models.
 * @throws AppError `internal` where data or models do not come out the same
 */
export async function rankAgain(
  { campaign, round, epoch, partitions }: RankedBefore,
  { states, roundModels, preparation, training }: RankAgainParts,
): Promise<RankedPartitions | undefined> {
  const { created, rounds } = states.state(campaign);
  const { opened } = rounds.get(round) ?? {};
  const models = await roundModels.find(campaign, round);
  const prepared = opened && (await preparation.prepare(campaign, round, opened.snapshotHash));
  if (prepared === undefined || models.length < created!.config.ensemble.members) return undefined;
  const lowestPolymorphs = [...prepared.frozen.lowest].map(([reducedFormula, formationEnergyPerAtom]) => {
    return { reducedFormula, formationEnergyPerAtom };
  });
  const request = { models: [...models], partitions: [...partitions], keep: 0, lowestPolymorphs };
  const ranking = await prepareRanking(prepared, request, training);
  const ranks = new Map<number, PartitionRank>();
  for (const partition of partitions) ranks.set(partition, await ranking.rank(partition));
  return { ranking, epoch, ranks };
}
