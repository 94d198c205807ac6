import { AppError } from '../../model/app-error.ts';
import type { EventRecord } from '../../model/event-record.ts';
import type { TopicPartition } from '../../ports/event-log.ts';
import { damage, decodeEvent, type FetchedMessage, hasChecksum } from './event-message.ts';

/** Of one partition, as kafkajs decodes a broker's answer. */
export interface FetchedPartition extends TopicPartition {
  /** The offset that was asked for. */
  readonly from: number;
  /** The offset of the next event to come. */
  readonly end: number;
  readonly messages: readonly FetchedMessage[];
}

/**
 * The events of an answer, from the offset that was asked for on, and where to go on. kafkajs checks nothing of what
 * brokers keep, so a flipped bit would be used: events are checked by their checksum, and offsets, which no checksum
 * covers, by what is sure of them. Less than asked for would be a partition that stands still without a word.
 * @throws AppError `storage_corrupt` with the place, and what to do
 */
export function fetchedRecords(fetched: FetchedPartition): { records: readonly EventRecord[]; next: number } {
  const { from, messages } = fetched;
  const before = lastOffset(fetched);
  // A broker answers with whole batches, which may begin earlier.
  const given = messages.filter(({ offset }) => Number(offset) >= from);
  if (messages.length > 0 && given.length === 0) {
    throw corrupt(fetched, from, `the broker answers with events up to offset ${before} instead`);
  }
  // What one producer sent together has checksums or has none.
  const checked = new Set(messages.filter(hasChecksum).map(({ batchContext }) => batchContext?.firstOffset));
  const records: EventRecord[] = [];
  for (const message of given) {
    // A mark has no headers; an event that passes for one must not be passed over.
    if (message.isControlRecord === true && Object.keys(message.headers).length === 0) continue;
    const record = decodeEvent(message);
    const isStripped = !hasChecksum(message) && checked.has(message.batchContext?.firstOffset);
    const damaged = isStripped ? 'it lacks the checksum that others of its batch have' : damage(message, record);
    if (damaged !== undefined) throw corrupt(fetched, record.offset, damaged);
    records.push(record);
  }
  return { records, next: given.length > 0 ? before + 1 : from };
}

/**
 * Of the last event, -1 where there is none. Each batch is whole, one offset after another, since nothing compacts;
 * between two of them there may be a gap.
 */
function lastOffset(fetched: FetchedPartition): number {
  let [last, batchEnd] = [-1, -1];
  for (const { offset, batchContext } of fetched.messages) {
    if (last === batchEnd) {
      const { firstOffset, lastOffsetDelta } = batchContext ?? { firstOffset: offset, lastOffsetDelta: 0 };
      if (Number(offset) <= last || offset !== firstOffset)
        throw corrupt(fetched, last + 1, `but has offset ${offset}`);
      batchEnd = Number(firstOffset) + lastOffsetDelta;
    } else if (Number(offset) !== last + 1) throw corrupt(fetched, last + 1, `but has offset ${offset}`);
    last = Number(offset);
  }
  if (last !== batchEnd || last >= fetched.end)
    throw corrupt(fetched, last + 1, `its batch ends at offset ${batchEnd}`);
  return last;
}

const REMEDY =
  'it was changed where it is stored, and is not used: let a broker with a sound copy lead the partition ' +
  '(kafka-leader-election.sh) and replace the disk of the other, or restore the topic from a copy';

function corrupt({ topic, partition }: TopicPartition, offset: number, what: string): AppError {
  return new AppError(
    'storage_corrupt',
    `${topic} partition ${partition} offset ${offset}: the event is not what was written, ${what}: ${REMEDY}`,
  );
}

/** Where kafkajs could not even read an answer: bytes that say how long something is are wrong. */
export function unreadable(places: string, cause: unknown): AppError {
  return new AppError('storage_corrupt', `one of ${places} cannot be read: ${REMEDY}`, { cause });
}
