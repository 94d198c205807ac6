import type { EventLogReader } from '../ports/event-log.ts';
import { sharedRun } from '../runtime/shared-run.ts';
import type { Projection } from './projection.ts';
import { createProjectionRun } from './projection-run.ts';

type ReadLog = Pick<EventLogReader, 'topics' | 'endOffsets' | 'read'>;

/** Gives projections all events that their topics contain now. Reads one topic after the other, in the order of the projections. */
export function readToEnd(log: ReadLog, ...projections: readonly Projection[]): Promise<void> {
  return readingOn(log, ...projections)();
}

/**
 * The same for repeated reading: each call reads what was appended since the last one. Calls at the same time share one
 * reading. After a call that failed, the next one continues where that one stopped.
 */
export function readingOn(log: ReadLog, ...projections: readonly Projection[]): () => Promise<void> {
  const run = createProjectionRun(log, projections);
  return sharedRun(async () => {
    // A new log may not have its topics yet.
    const declared = new Set((await log.topics()).map(({ name }) => name));
    for (const topic of run.topics) if (declared.has(topic.name)) await run.readOn([topic]);
  });
}
