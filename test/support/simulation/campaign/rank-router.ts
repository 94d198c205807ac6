import { AppError } from '../../../../src/model/app-error.ts';
import type { Clock } from '../../../../src/ports/clock.ts';
import type {
  PartitionRanking,
  RankRequest,
  TrainingShard,
} from '../../../../src/protocol/generated/elastream/v1/services.generated.ts';

/** A shard that lives, and the partitions that it was given. */
export interface ReachableShard {
  readonly calls: TrainingShard;
  readonly owned: ReadonlySet<number>;
}

/** A call to a node that died is never answered. */
const ANSWER_MS_MAX = 60_000;

/** All shards together: asks for each partition the shard that owns it. What fails is the caller's to try again. */
export function createRankRouter(clock: Clock, shards: () => Iterable<ReachableShard>): TrainingShard {
  async function ask({ calls }: ReachableShard, request: RankRequest): Promise<PartitionRanking[]> {
    const answers: PartitionRanking[] = [];
    const asking = (async () => {
      for await (const answer of calls.Rank(request)) answers.push(answer);
    })();
    const impatience = new AbortController();
    const outcome = await Promise.race([asking, clock.sleep(ANSWER_MS_MAX, impatience.signal).then(() => 'too late')]);
    impatience.abort();
    if (outcome === undefined) return answers;
    throw new AppError('unavailable', `a shard did not answer in ${ANSWER_MS_MAX} ms`, { retryable: true });
  }

  return {
    async *Rank(request) {
      const byShard = new Map<ReachableShard, number[]>();
      for (const partition of request.partitions) {
        const owner = [...shards()].find(({ owned }) => owned.has(partition));
        if (!owner) throw new AppError('unavailable', `nobody owns partition ${partition}`, { retryable: true });
        byShard.set(owner, [...(byShard.get(owner) ?? []), partition]);
      }
      const asked = [...byShard].map(([shard, partitions]) => ask(shard, { ...request, partitions }));
      for (const answers of await Promise.all(asked)) yield* answers;
    },
  };
}
