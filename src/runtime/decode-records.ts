import { contentHash } from '../model/content-hash.ts';
import type { InputRejected } from '../model/events.ts';
import { RejectedInput } from '../model/rejection.ts';
import type { EventBatch } from '../ports/event-log.ts';
import type { DomainEvent } from '../protocol/domain-event.ts';
import { fromRecord } from '../protocol/event-message.ts';

/** An event as it was read. */
export interface Received {
  readonly event: DomainEvent;
  readonly key: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly id: string;
  /** When it was appended, RFC 3339. */
  readonly time: string;
}

export interface DecodedBatch {
  readonly received: readonly Received[];
  /** What could not be understood, and where it stands. */
  readonly refused: readonly InputRejected[];
}

/** A rejection repeats no text that may be longer than an event can be. */
const MESSAGE_CHARACTERS_MAX = 1000;

/** Decodes what can be decoded: one poisoned message must not stop a partition. */
export function decodeRecords({ topic, partition, records }: EventBatch): DecodedBatch {
  const received: Received[] = [];
  const refused: InputRejected[] = [];
  for (const record of records) {
    const { offset, id, time } = record;
    try {
      const key = new TextDecoder().decode(record.key);
      received.push({ event: fromRecord(record), key, topic, partition, offset, id, time });
    } catch (error) {
      if (!(error instanceof RejectedInput)) throw error;
      const locator = `partition ${partition} offset ${offset}`;
      const message = error.message.slice(0, MESSAGE_CHARACTERS_MAX).toWellFormed();
      const rejection = { code: error.code, message, source: topic, locator };
      refused.push({ type: 'InputRejected', id: contentHash('rejection', [topic, locator]), rejection });
    }
  }
  return { received, refused };
}
