import { AppError } from '../../model/app-error.ts';
import type { EventRecord } from '../../model/event-record.ts';
import type { TopicPartition } from '../../ports/event-log.ts';
import { damage, decodeEvent, type FetchedMessage, hasChecksum } from './event-message.ts';

/** The fetched messages of one partition, as kafkajs decodes them. */
export interface FetchedPartition extends TopicPartition {
  /** The offset from which the fetch began. */
  readonly from: number;
  /** The partition's end offset: the offset of the next event to be written. */
  readonly end: number;
  readonly messages: readonly FetchedMessage[];
}

/**
 * Returns the events from offset `from` on, and the offset of the next fetch. kafkajs verifies nothing that brokers
 * store, so a flipped bit would go unnoticed. Therefore each event is verified by its checksum. Offsets have no
 * checksum; they are verified by the rules that they must obey. An answer that ends before `from` is an error:
 * otherwise the partition would silently stop.
 * @throws AppError `storage_corrupt` with topic, partition, offset and remedy
 */
export function fetchedRecords(fetched: FetchedPartition): { records: readonly EventRecord[]; next: number } {
  const { from, messages } = fetched;
  const before = lastOffset(fetched);
  // A broker sends whole batches, and the first one may begin before `from`.
  const given = messages.filter(({ offset }) => Number(offset) >= from);
  if (messages.length > 0 && given.length === 0) {
    throw corrupt(fetched, from, `the broker answers with events up to offset ${before} instead`);
  }
  // All events of a batch come from one producer: either all or none of them have a checksum.
  const checked = new Set(messages.filter(hasChecksum).map(({ batchContext }) => batchContext?.firstOffset));
  const records: EventRecord[] = [];
  for (const message of given) {
    // A control record has no headers. An event that damage turned into a control record must not be skipped.
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
 * Returns the offset of the last event, or -1 if there is none. The offsets within a batch are consecutive, since no
 * topic is compacted. There may be a gap between two batches.
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

/** The failure when kafkajs cannot parse an answer, because the bytes of a length field are wrong. */
export function unreadable(places: string, cause: unknown): AppError {
  return new AppError('storage_corrupt', `one of ${places} cannot be read: ${REMEDY}`, { cause });
}
