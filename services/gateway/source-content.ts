import { createHash } from 'node:crypto';
import type { Topics } from '../../src/model/topics.ts';
import type { EventLogReader } from '../../src/ports/event-log.ts';
import { type EventRoute, nameInId } from '../../src/protocol/event-routes.ts';
import { rangesToEnd } from '../../src/reading/ranges-to-end.ts';
import { sharedRun } from '../../src/runtime/shared-run.ts';

/*
 * Invariants:
 * 1. This process reads each event of the log only once, for all sources and callers together.
 * 2. Per event it keeps only a digest of the id: about 60 bytes, where acquisition and shards keep a kilobyte.
 * 3. An event after its source's watermark, in its partition, is not content. Every reader of the log applies this
 *    rule.
 */

/** The events that a source brought before its completion. These may be submitted again. */
export interface SourceContent {
  has(event: Pick<EventRoute, 'topic' | 'partition' | 'id'>): boolean;
}

export interface SourceContents {
  /**
   * Returns the content of a source that has watermarks in the log: at least what the log holds at the time of the
   * call.
   */
  of(source: string): Promise<SourceContent>;
}

/** A partition of a topic, and how far it has been read. */
interface ReadPlace {
  readonly topic: string;
  readonly partition: number;
  next: number;
  readonly digests: Set<string>;
}

/** 128 bits: nobody finds two ids with the same digest. */
const DIGEST_BYTES = 16;
const WATERMARK = '.SourcePartitionCompleted';

export function createSourceContents(log: EventLogReader, { materials, labels }: Topics): SourceContents {
  const places = new Map<string, ReadPlace>();
  for (const { name: topic, partitions } of [materials, labels]) {
    for (let partition = 0; partition < partitions; partition++) {
      places.set(placeKey({ topic, partition }), { topic, partition, next: 0, digests: new Set() });
    }
  }
  /** The partitions in which a source has ended, by the source's name in ids. */
  const ends = new Map<string, Set<ReadPlace>>();

  const readOn = sharedRun(async () => {
    const ranges = [materials, labels].map(({ name: topic, partitions }) => {
      const nexts = Array.from(
        { length: partitions },
        (_, partition) => places.get(placeKey({ topic, partition }))!.next,
      );
      return rangesToEnd(log, topic, nexts);
    });
    for await (const batch of log.read((await Promise.all(ranges)).flat())) {
      const place = places.get(placeKey(batch))!;
      for (const { id, type } of batch.records) note(id, type, place);
      place.next = batch.next;
    }
  });

  function note(id: string, type: string, place: ReadPlace): void {
    if (type.endsWith(WATERMARK)) {
      const source = behindSlash(id, 4);
      ends.set(source, (ends.get(source) ?? new Set()).add(place));
    } else if (!ends.get(behindSlash(id, 2))?.has(place)) place.digests.add(digestOf(id)); // 3
  }

  return {
    async of(source) {
      if (ends.get(nameInId(source))?.size !== places.size) await readOn(); // 1
      return { has: (event) => places.get(placeKey(event))?.digests.has(digestOf(event.id)) ?? false };
    },
  };
}

function placeKey({ topic, partition }: Pick<EventRoute, 'topic' | 'partition'>): string {
  return `${partition} ${topic}`;
}

/**
 * Returns the part of an id behind its n-th slash. Ids are `material/HASH/SOURCE`, `label/HASH/SOURCE` or
 * `completed/TOPIC/PARTITION/HASH/SOURCE`; a source may hold slashes.
 */
function behindSlash(id: string, nth: number): string {
  let at = 0;
  for (let i = 0; i < nth; i++) at = id.indexOf('/', at) + 1;
  return id.slice(at);
}

function digestOf(id: string): string {
  return createHash('sha256').update(id).digest().toString('latin1', 0, DIGEST_BYTES);
}
