import type { EventLogReader } from '../ports/event-log.ts';
import { sharedRun } from '../runtime/shared-run.ts';
import type { Projection } from './projection.ts';
import { createProjectionRun } from './projection-run.ts';

type ReadLog = Pick<EventLogReader, 'topics' | 'endOffsets' | 'read'>;

/** Has projections take all that the log holds by now: topic after topic, in the order in which they name them. */
export function readToEnd(log: ReadLog, ...projections: readonly Projection[]): Promise<void> {
  return readingOn(log, ...projections)();
}

/**
 * The same for whoever looks again: each call takes what has been appended since the last one; calls that come together
 * look together. After a call that broke off the next goes on where it has come to.
 */
export function readingOn(log: ReadLog, ...projections: readonly Projection[]): () => Promise<void> {
  const run = createProjectionRun(log, projections);
  return sharedRun(async () => {
    // A log that is only just being laid out has no topics yet.
    const declared = new Set((await log.topics()).map(({ name }) => name));
    for (const topic of run.topics) if (declared.has(topic.name)) await run.readOn([topic]);
  });
}
