import { AppError } from '../../src/model/app-error.ts';
import type { EventBatch, EventLog, StartOffset } from '../../src/ports/event-log.ts';

/*
 * Invariants:
 * 1. The log delivers the next batch only after the last one was consumed. So backpressure reaches the log, and a
 *    batch's bytes do not change before that.
 * 2. However the iteration ends, no handler of the log stays waiting, and the consumer is stopped.
 */

interface OfferedBatch {
  readonly batch: EventBatch;
  done(): void;
}

/** Yields the batches that the log delivers to a follower, until the signal aborts. */
export async function* followedBatches(
  log: Pick<EventLog, 'follow'>,
  from: readonly StartOffset[],
  signal: AbortSignal,
): AsyncGenerator<EventBatch, void> {
  const offered: OfferedBatch[] = [];
  let closed = false;
  let ended: { readonly error?: unknown } | undefined;
  let wake = () => {};
  const consumer = await log.follow({
    from,
    onBatch: (batch) =>
      new Promise<void>((done) => {
        if (closed) return done();
        offered.push({ batch, done });
        wake();
      }),
  });
  const end = (error?: unknown) => {
    ended = { error };
    wake();
  };
  consumer.ended.then(end, end);
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort);
  try {
    while (!signal.aborted) {
      const next = offered[0];
      if (next) {
        yield next.batch;
        offered.shift();
        next.done(); // 1
      } else if (ended) {
        throw ended.error ?? new AppError('unavailable', 'the log is closing here; ask again', { retryable: true });
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    closed = true;
    for (const { done } of offered) done(); // 2
    await consumer.stop();
  }
}
