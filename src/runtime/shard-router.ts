import { AppError } from '../model/app-error.ts';
import type {
  PartitionRanking,
  RankRequest,
  TrainingShard,
} from '../protocol/generated/elastream/v1/services.generated.ts';

/** A live shard, as of its last announcement. */
export interface ReachableShard {
  readonly calls: TrainingShard;
  /** The partitions that it holds. */
  readonly partitions: ReadonlySet<number>;
}

/**
 * All shards as one: asks for each partition only the shard that holds it, so that each partition is answered once. The
 * knowledge about shards may be outdated; if a call fails for that reason, the caller retries.
 */
export function createShardRouter(shards: () => Promise<readonly ReachableShard[]>): TrainingShard {
  return {
    async *Rank(request) {
      const known = await shards();
      const byShard = new Map<ReachableShard, number[]>();
      for (const partition of request.partitions) {
        const owner = known.find(({ partitions }) => partitions.has(partition));
        if (owner === undefined) throw heldByNobody(partition, known.length);
        byShard.set(owner, [...(byShard.get(owner) ?? []), partition]);
      }
      const asked = [...byShard].map(([{ calls }, partitions]) => answers(calls, { ...request, partitions }));
      for (const answered of await Promise.all(asked)) yield* answered;
    },
  };
}

/** Collects the answers. However large the pool is, they are few and small: the best candidates of each partition. */
async function answers(calls: TrainingShard, request: RankRequest): Promise<PartitionRanking[]> {
  const all: PartitionRanking[] = [];
  for await (const answer of calls.Rank(request)) all.push(answer);
  return all;
}

function heldByNobody(partition: number, shards: number): AppError {
  const message = `no training shard holds partition ${partition} at the moment; ${shards} are running`;
  return new AppError('unavailable', message, { retryable: true });
}
