import type { PartitionRank } from '../../src/learning/acquisition/rank-partition.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { ContentHash } from '../../src/model/content-hash.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { RankRequest, TrainingShard } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import type { CampaignStates } from '../../src/reading/campaign-states.ts';
import type { Following } from '../../src/reading/follow.ts';
import type { Positions } from '../../src/runtime/positions.ts';
import { prepareRanking, type Ranking, rankingMessage } from './candidate-ranking.ts';
import type { MemberTrainingParts } from './member-training.ts';
import type { PredictionStorage } from './prediction-storage.ts';
import type { PreparedRound, RoundPreparation } from './round-preparation.ts';

export interface RankingParts {
  readonly topics: Topics;
  readonly states: CampaignStates;
  readonly following: Pick<Following, 'caughtUp'>;
  readonly preparation: RoundPreparation;
  readonly training: MemberTrainingParts;
  /** How far the features of this shard's partitions have been read. */
  readonly featured: Positions;
  readonly storage: PredictionStorage | undefined;
}

/** What acquisition asks of a shard. */
export function createRankingCalls(parts: RankingParts): TrainingShard {
  const { topics, states, following, preparation, training, featured, storage } = parts;

  async function preparedFor({ campaign, round, snapshotHash, partitions }: RankRequest): Promise<PreparedRound> {
    await following.caughtUp(topics.campaigns.name);
    const prepared = await preparation.prepare(campaign, round, snapshotHash as ContentHash);
    if (prepared) {
      const { candidates } = prepared.created.config;
      const offsets = prepared.snapshot.offsets[topics.features.name] ?? [];
      if (candidates.from === 'files') await featured.reached(offsets, partitions);
      return prepared;
    }
    const message = `round ${round} of ${campaign} is not open here with snapshot ${snapshotHash}`;
    throw new AppError('unavailable', message, { retryable: true });
  }

  async function prepared(request: RankRequest): Promise<Ranking> {
    try {
      return await prepareRanking(await preparedFor(request), request, training);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'interrupted')) throw error;
      // This shard is stopping; whoever asks is not, and asks the next owner.
      throw new AppError('unavailable', `the shard is stopping: ${error.message}`, { retryable: true, cause: error });
    }
  }

  return {
    async *Rank(request) {
      const ranking = await prepared(request);
      const ranks = new Map<number, PartitionRank>();
      for (const partition of request.partitions) {
        const rank = await ranking.rank(partition);
        ranks.set(partition, rank);
        yield rankingMessage(ranking, partition, rank, await ranking.measure(partition, rank));
      }
      const { epoch } = states.state(request.campaign);
      storage?.store(request, async () => ({ ranking, epoch, ranks }));
    },
  };
}
