import type { EventRecord } from '../../../src/model/event-record.ts';
import type { TopicPartition } from '../../../src/ports/event-log.ts';
import type { AcknowledgedEvent } from './simulated-log.ts';

/** All events of a log: by topic, then partition. */
export type LogContent = ReadonlyMap<string, readonly (readonly EventRecord[])[]>;

/** An event as text, without the parts that may differ between runs: its time and the duration of a training. */
export type Normalise = (topic: string, event: EventRecord) => string;

/** Ids with more than one content: an id that derives from a cause must not depend on anything else. */
export function conflictingEvents(log: LogContent, normalise: Normalise): string[] {
  const contents = new Map<string, string>();
  return every(log).flatMap(({ topic, partition, event }) => {
    const name = `${topic} ${event.id}`;
    const content = normalise(topic, event);
    const first = contents.get(name) ?? content;
    contents.set(name, first);
    return first === content
      ? []
      : [`${name} in partition ${partition} at ${event.offset}: ${content}, first ${first}`];
  });
}

/** Events that one log holds and the other does not, whatever their order and number. */
export function differingEvents(log: LogContent, reference: LogContent, normalise: Normalise): string[] {
  const setOf = (content: LogContent) =>
    new Set(every(content).map(({ topic, partition, event }) => `${topic} ${partition} ${normalise(topic, event)}`));
  const [found, expected] = [setOf(log), setOf(reference)];
  return [
    ...[...found].filter((event) => !expected.has(event)).map((event) => `not in the reference: ${event}`),
    ...[...expected].filter((event) => !found.has(event)).map((event) => `only in the reference: ${event}`),
  ];
}

/**
 * A reference without those notes of stored predictions that a log lacks: a process that dies between storing and
 * noting leaves no note, and the tables are compared separately. A note that the reference lacks still counts.
 */
export function withoutLackingNotes(reference: LogContent, log: LogContent): LogContent {
  const found = new Set(every(log).map(({ event }) => event.id));
  const isLacking = ({ type, id }: EventRecord) => type.endsWith('.PredictionsStored') && !found.has(id);
  return new Map(
    [...reference].map(([topic, partitions]) => [
      topic,
      partitions.map((events) => events.filter((event) => !isLacking(event))),
    ]),
  );
}

/** The first place in each partition where the distinct events, in the order of first arrival, differ. */
export function differingOrder(log: LogContent, reference: LogContent, places: readonly TopicPartition[]): string[] {
  return places.flatMap(({ topic, partition }) => {
    const [found, expected] = [log, reference].map((content) => distinctIds(content.get(topic)?.[partition] ?? []));
    const length = Math.max(found!.length, expected!.length);
    const place = [...Array(length).keys()].find((i) => found![i] !== expected![i]);
    if (place === undefined) return [];
    return [`${topic} ${partition}: event ${place} is ${found![place]}, in the reference ${expected![place]}`];
  });
}

/** Acknowledged events that are not at their acknowledged offset. */
export function missingEvents(log: LogContent, acknowledged: readonly AcknowledgedEvent[]): string[] {
  const stored = new Map(
    every(log).map(({ topic, partition, event }) => [`${topic} ${partition} ${event.offset}`, event]),
  );
  return acknowledged
    .filter(({ topic, partition, offset, id }) => stored.get(`${topic} ${partition} ${offset}`)?.id !== id)
    .map(({ topic, partition, offset, id }) => `${topic} ${partition}: ${id} is not at ${offset}`);
}

function every(log: LogContent): { topic: string; partition: number; event: EventRecord }[] {
  return [...log].flatMap(([topic, partitions]) =>
    partitions.flatMap((events, partition) => events.map((event) => ({ topic, partition, event }))),
  );
}

function distinctIds(events: readonly EventRecord[]): string[] {
  return [...new Set(events.map(({ id }) => id))];
}
