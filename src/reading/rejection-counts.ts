import type { InputRejected } from '../model/events.ts';
import type { RejectionCode } from '../model/rejection.ts';
import type { EventLogReader } from '../ports/event-log.ts';
import { TOPICS } from './campaign-log.ts';
import { readToEnd } from './read-to-end.ts';
import { createRejections } from './rejections.ts';

/** All that a directory's log has refused, each once. */
export async function readRejections(log: EventLogReader): Promise<readonly InputRejected[]> {
  const rejections = createRejections(TOPICS, (event) => event);
  await readToEnd(log, rejections);
  return rejections.all();
}

/** `12 rejected (duplicate_id 9, bad_number 3)`, most frequent first. */
export function rejectionCounts(rejections: readonly InputRejected[]): string {
  const counts = new Map<RejectionCode, number>();
  for (const { rejection } of rejections) counts.set(rejection.code, (counts.get(rejection.code) ?? 0) + 1);
  const ordered = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return `${rejections.length} rejected (${ordered.map(([code, count]) => `${code} ${count}`).join(', ')})`;
}
