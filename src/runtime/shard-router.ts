import { AppError } from '../model/app-error.ts';
import type {
  PartitionRanking,
  RankRequest,
  TrainingShard,
} from '../protocol/generated/elastream/v1/services.generated.ts';

/** A shard that lives, as it was last heard of. */
export interface ReachableShard {
  readonly calls: TrainingShard;
  /** The partitions that it holds. */
  readonly partitions: ReadonlySet<number>;
}

/**
 * All shards together: asks for each partition the shard that holds it, and nobody else, so that each is answered once.
 * What is known of the shards may be outdated; what fails because of that is the caller's to try again.
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

/** Few and small, however large the pool: the best candidates of each partition. */
async function answers(calls: TrainingShard, request: RankRequest): Promise<PartitionRanking[]> {
  const all: PartitionRanking[] = [];
  for await (const answer of calls.Rank(request)) all.push(answer);
  return all;
}

function heldByNobody(partition: number, shards: number): AppError {
  const message = `no training shard holds partition ${partition} at the moment; ${shards} are running`;
  return new AppError('unavailable', message, { retryable: true });
}
