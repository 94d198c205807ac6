import type { NewEvent } from '../../src/model/event-record.ts';
import type { EventBatch } from '../../src/ports/event-log.ts';

export function event(id: string, change: Partial<NewEvent> = {}): NewEvent {
  return {
    key: Buffer.from(`key of ${id}`),
    id,
    source: '/elastream/test',
    type: 'org.example.Tested',
    time: '2026-01-02T03:04:05.678Z',
    contentType: 'application/protobuf',
    value: Buffer.from(`value of ${id}`),
    ...change,
  };
}

export function events(count: number, prefix = 'e'): NewEvent[] {
  return Array.from({ length: count }, (_, i) => event(`${prefix}${i}`));
}

/** The ids of `events(count)`. */
export function ids(count: number, prefix = 'e'): string[] {
  return events(count, prefix).map(({ id }) => id);
}

export function idsOf(batches: Iterable<EventBatch>): string[] {
  return [...batches].flatMap(({ records }) => records.map(({ id }) => id));
}

export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
