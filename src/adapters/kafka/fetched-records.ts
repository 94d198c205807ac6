import { AppError } from '../../model/app-error.ts';
import type { EventRecord } from '../../model/event-record.ts';
import type { TopicPartition } from '../../ports/event-log.ts';
import { damage, decodeEvent, type FetchedMessage, hasChecksum } from './event-message.ts';

/** The fetched messages of one partition, as kafkajs decodes them. */
export interface FetchedPartition extends TopicPartition {
  /** The offset from which the fetch began. */
  readonly from: number;
  /**
   * The partition's end offset: the offset of the next event to be written. The broker takes it before it reads, so
   * events written meanwhile may follow it in the answer.
   */
  readonly end: number;
  readonly messages: readonly FetchedMessage[];
}

/**
 * Returns the events from offset `from` on, and the offset of the next fetch. kafkajs verifies nothing that brokers
 * store, so a flipped bit would go unnoticed. Therefore each event is verified by its checksum. Offsets have no
 * checksum; they are verified by the rules that they must obey. Events after the end are left to the next fetch. An
 * answer that has nothing between `from` and the end is an error: otherwise the partition would silently stop.
 * @throws AppError `storage_corrupt` with topic, partition, offset and remedy
 */
export function fetchedRecords(fetched: FetchedPartition): { records: readonly EventRecord[]; next: number } {
  const { from, end } = fetched;
  const before = lastOffset(fetched);
  const messages = fetched.messages.filter((message) => batchEnd(message) < end);
  // A broker sends whole batches, and the first one may begin before `from`.
  const given = messages.filter(({ offset }) => Number(offset) >= from);
  if (fetched.messages.length > 0 && given.length === 0 && (from < end || before < from)) {
    const what = before < end ? `up to offset ${before}` : `up to offset ${before}, beyond the end at ${end},`;
    throw corrupt(fetched, from, `the broker answers with events ${what} instead`);
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
  return { records, next: given.length > 0 ? Number(given.at(-1)!.offset) + 1 : from };
}

/**
 * Returns the offset of the last event, or -1 if there is none. The offsets within a batch are consecutive, since no
 * topic is compacted. There may be a gap between two batches.
 */
function lastOffset(fetched: FetchedPartition): number {
  let [last, lastOfBatch] = [-1, -1];
  for (const message of fetched.messages) {
    const { offset, batchContext } = message;
    if (last === lastOfBatch) {
      if (Number(offset) <= last || offset !== (batchContext?.firstOffset ?? offset))
        throw corrupt(fetched, last + 1, `but has offset ${offset}`);
      lastOfBatch = batchEnd(message);
    } else if (Number(offset) !== last + 1) throw corrupt(fetched, last + 1, `but has offset ${offset}`);
    last = Number(offset);
  }
  if (last !== lastOfBatch) throw corrupt(fetched, last + 1, `its batch ends at offset ${lastOfBatch}`);
  return last;
}

/** The offset of the last event of this event's batch. */
function batchEnd({ offset, batchContext }: FetchedMessage): number {
  return batchContext === undefined ? Number(offset) : Number(batchContext.firstOffset) + batchContext.lastOffsetDelta;
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
