import { AppError } from '../../../../src/model/app-error.ts';
import type { Clock } from '../../../../src/ports/clock.ts';
import type { TrainingShard } from '../../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { createShardRouter } from '../../../../src/runtime/shard-router.ts';

/** A live shard, and the partitions assigned to it. */
export interface StagedShard {
  readonly calls: TrainingShard;
  readonly owned: ReadonlySet<number>;
}

/** A call to a dead node is never answered. */
const ANSWER_MS_MAX = 60_000;

/** The cluster's router over shards whose calls are abandoned after a while, as with gRPC's deadline. */
export function createRankRouter(clock: Clock, shards: () => Iterable<StagedShard>): TrainingShard {
  return createShardRouter(async () =>
    [...shards()].map(({ calls, owned }) => ({ calls: withDeadline(calls, clock), partitions: owned })),
  );
}

function withDeadline(calls: TrainingShard, clock: Clock): TrainingShard {
  return {
    async *Rank(request) {
      const answers = calls.Rank(request)[Symbol.asyncIterator]();
      for (;;) {
        const impatience = new AbortController();
        const late = clock.sleep(ANSWER_MS_MAX, impatience.signal).then(() => undefined);
        const next = await Promise.race([answers.next(), late]);
        impatience.abort();
        if (next === undefined) {
          throw new AppError('unavailable', `a shard did not answer in ${ANSWER_MS_MAX} ms`, { retryable: true });
        }
        if (next.done) return;
        yield next.value;
      }
    },
  };
}
