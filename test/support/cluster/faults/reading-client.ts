import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../../src/model/app-error.ts';
import type { EventRecord } from '../../../../src/model/event-record.ts';
import { keyPartition } from '../../../../src/model/partitioner.ts';
import type { Topic } from '../../../../src/model/topics.ts';
import type { EventLogReader } from '../../../../src/ports/event-log.ts';
import { fromRecord } from '../../../../src/protocol/event-message.ts';
import { keyOf } from '../../../../src/protocol/event-routes.ts';
import type { OperationHistory } from '../../history/operation-history.ts';
import { SUBMISSIONS } from './submitting-client.ts';

const CLIENT = 'reading';
const EVERY_MS = 500;

/** Asks repeatedly, one material after the other, which of its versions are in the log. */
export interface ReadingClient {
  /** The number of answered questions. */
  readonly answers: number;
  /** Stops after the current question. */
  finish(): Promise<void>;
  /** Stops at once, if nobody answers any more. */
  abandon(): void;
}

/** Asks about the materials that have been submitted so far, according to the history. */
export function startReading(log: EventLogReader, topic: Topic, history: OperationHistory): ReadingClient {
  const stopping = new AbortController();
  let answers = 0;

  async function ask(key: string): Promise<void> {
    const asked = history.ask(CLIENT, key, { kind: 'read' });
    try {
      asked.acknowledged({ values: await versionsIn(log, topic, key) });
      answers++;
    } catch (error) {
      asked.unknown();
      if (!(error instanceof AppError && error.retryable)) throw error;
    }
  }

  async function askAll(): Promise<void> {
    for (let i = 0; !stopping.signal.aborted; i++) {
      const keys = [...new Set(history.operations.map(({ key }) => key))];
      if (keys.length > 0) await ask(keys[i % keys.length]!);
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const asked = askAll();
  asked.catch(() => {});
  return {
    get answers() {
      return answers;
    },
    finish() {
      stopping.abort();
      return asked;
    },
    abandon: () => stopping.abort(),
  };
}

async function versionsIn(log: EventLogReader, { name: topic, partitions }: Topic, id: string): Promise<string[]> {
  const partition = keyPartition(keyOf(id), partitions);
  const to = (await log.endOffsets(topic))[partition]!;
  const versions = new Set<string>();
  if (to === 0) return [];
  for await (const { records } of log.read([{ topic, partition, from: 0, to }]))
    for (const record of records) {
      const found = submittedVersion(record);
      if (found?.id === id) versions.add(found.version);
    }
  return [...versions];
}

/** Undefined if the record is not one that was submitted. */
export function submittedVersion(record: EventRecord): { readonly id: string; readonly version: string } | undefined {
  try {
    const event = fromRecord(record);
    if (event.type !== 'MaterialIngested' || event.source !== SUBMISSIONS) return undefined;
    return { id: event.material.id, version: event.materialHash };
  } catch {
    return undefined;
  }
}
