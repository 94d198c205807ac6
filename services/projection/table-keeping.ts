import { AppError } from '../../src/model/app-error.ts';
import type { InputRejected } from '../../src/model/events.ts';
import type { OffsetRange, StartOffset, TopicPartition } from '../../src/ports/event-log.ts';
import type { NextPosition, ResultStore, StoredPosition } from '../../src/ports/result-store.ts';
import { decodeRecords, type Received } from '../../src/runtime/decode-records.ts';
import type { ServicePorts } from '../../src/runtime/service.ts';

/*
 * Invariants:
 * 1. A position is noted after the rows of all events below it: a crash between the two has them stored again.
 * 2. One thing at a time is done to the tables: none stores what is new while another stores what was lost.
 * 3. A partition has a note before its first rows. Where tables were lost meanwhile, their first real note finds none.
 * 4. A note counts only where its last event stands in this very log: a copy of another log's tables tells us nothing.
 */

type Refuse = (event: InputRejected) => void;

/** Has the tables hold what follows from the partitions that this process holds, whatever becomes of the tables. */
export interface TableKeeping {
  /** Learns what lies below the offsets, and stores of it what the tables lack. */
  assigned(partitions: readonly StartOffset[]): Promise<void>;
  revoked(partitions: readonly TopicPartition[]): void;
  /** @param refuse takes what means nothing where it stands */
  store(received: readonly Received[], refuse: Refuse): Promise<void>;
  /** Looks whether the tables still hold what was stored, and stores again what they do not. */
  check(): Promise<void>;
  /** Resolves when what was begun so far is done. */
  idle(): Promise<void>;
}

export interface TableKeepingParts {
  readonly ports: Pick<ServicePorts, 'log'>;
  readonly results: Pick<ResultStore, 'positions' | 'notePositions'>;
  /** Their events are learned from the beginning; those of other topics only where rows are lacking. */
  readonly learned: ReadonlySet<string>;
  learn(received: readonly Received[]): void;
  /** Learns events, and brings to the tables what follows from them. @returns whether anything does */
  storeRows(received: readonly Received[], refuse: Refuse): Promise<boolean>;
  /** Told of how many events rows were lacking. */
  onLacking(events: number): void;
}

/** The note that nothing of a partition is stored yet. */
export function openingNote({ topic, partition }: TopicPartition): NextPosition {
  return { topic, partition, next: 0, lastOffset: 0, lastId: '', after: null };
}

/** The note that all up to this event is stored. */
export function storedUpTo({ topic, partition, offset, id }: Received): StoredPosition {
  return { topic, partition, next: offset + 1, lastOffset: offset, lastId: id };
}

interface HeldPartition extends TopicPartition {
  /** All below has been learned here, and its rows stored. */
  next: number;
  /** What was last noted in the tables, as far as is known here; null where nothing was. */
  noted: number | null;
}

export function createTableKeeping(parts: TableKeepingParts): TableKeeping {
  const { ports, results, learned } = parts;
  const held = new Map<string, HeldPartition>();
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = last.catch(() => {}).then(work); // 2
    last = next;
    return next;
  }

  /** Notes of partitions without a note that nothing of them is stored. */
  async function open(partitions: readonly TopicPartition[], afters: Afters): Promise<void> {
    const places = new Map(partitions.map((one) => [placeOf(one), one]));
    const unnoted = [...places].filter(([place]) => afters.get(place) === null);
    if (unnoted.length === 0) return;
    await results.notePositions(unnoted.map(([, one]) => openingNote(one))); // 3
    for (const [place] of unnoted) {
      afters.set(place, 0);
      const partition = held.get(place);
      if (partition) partition.noted ??= 0;
    }
  }

  async function note(received: readonly Received[], afters: Afters): Promise<void> {
    const ends = new Map(received.map((one) => [placeOf(one), storedUpTo(one)]));
    const notes = [...ends].map(([place, end]) => ({ ...end, after: afters.get(place) ?? null }));
    if (notes.length > 0) await results.notePositions(notes); // 1
    for (const [place, { next }] of ends) {
      const partition = held.get(place);
      if (partition) partition.noted = next;
    }
  }

  /** Reads ranges again, and stores what comes after the notes that count. */
  async function fill(ranges: readonly OffsetRange[], noted: Notes): Promise<void> {
    const afters: Afters = new Map(ranges.map(placeOf).map((place) => [place, noted.get(place)?.next ?? null]));
    const ends = new Map<string, Received>();
    let stored = 0;
    for await (const batch of ports.log.read(ranges.filter(({ from, to }) => from < to))) {
      const place = placeOf(batch);
      const { received } = decodeRecords(batch);
      const from = countedFrom(noted, place);
      parts.learn(received.filter(({ offset }) => offset < from));
      const lacked = received.filter(({ offset }) => offset >= from);
      if (lacked.length === 0) continue;
      await open([batch], afters);
      if (await parts.storeRows(lacked, () => {})) stored += lacked.length;
      ends.set(place, lacked.at(-1)!);
    }
    await note([...ends.values()], afters);
    if (stored > 0) parts.onLacking(stored);
  }

  async function mend(): Promise<void> {
    const noted = await notesOf(ports, results, [...held.values()]);
    const lost = [...held].filter(([place, { noted: before }]) => countedFrom(noted, place) < (before ?? 0));
    const ranges = lost.map(([place, { topic, partition, next: to }]) => {
      return { topic, partition, from: countedFrom(noted, place), to };
    });
    await fill(ranges, noted);
  }

  return {
    assigned: (partitions) =>
      inTurn(async () => {
        const noted = await notesOf(ports, results, partitions);
        for (const { topic, partition, offset } of partitions) {
          const place = placeOf({ topic, partition });
          held.set(place, { topic, partition, next: offset, noted: noted.get(place)?.next ?? null });
        }
        const ranges = partitions.map(({ topic, partition, offset: to }) => {
          const from = learned.has(topic) ? 0 : countedFrom(noted, placeOf({ topic, partition }));
          return { topic, partition, from, to };
        });
        await fill(ranges, noted);
      }),
    revoked(partitions) {
      for (const partition of partitions) held.delete(placeOf(partition));
    },
    store: (received, refuse) =>
      inTurn(async () => {
        try {
          const afters: Afters = new Map([...held].map(([place, partition]) => [place, partition.noted]));
          await open(received, afters);
          if (await parts.storeRows(received, refuse)) await note(received, afters);
        } catch (error) {
          if (error instanceof AppError && error.code === 'storage_lost') await mend();
          throw error;
        }
        for (const { topic, partition, offset } of received) {
          const known = held.get(placeOf({ topic, partition }));
          if (known) known.next = Math.max(known.next, offset + 1);
        }
      }),
    check: () => inTurn(mend),
    async idle() {
      await last;
    },
  };
}

/** By place, where the note ends that the next one continues; null where there is none. */
type Afters = Map<string, number | null>;

/** By place. */
type Notes = ReadonlyMap<string, { readonly next: number; readonly counts: boolean }>;

/** From where on rows are lacking. */
function countedFrom(noted: Notes, place: string): number {
  const note = noted.get(place);
  return note?.counts ? note.next : 0;
}

/** What the tables note of these partitions, and whether it is of this log. */
async function notesOf(
  { log }: Pick<ServicePorts, 'log'>,
  results: Pick<ResultStore, 'positions'>,
  partitions: readonly TopicPartition[],
): Promise<Notes> {
  const wanted = new Set(partitions.map(placeOf));
  const positions = (await results.positions()).filter((position) => wanted.has(placeOf(position)));
  const ends = new Map<string, readonly number[]>();
  for (const topic of new Set(positions.map((position) => position.topic)))
    ends.set(topic, await log.endOffsets(topic));
  const within = positions.filter(
    ({ topic, partition, next }) => next > 0 && next <= (ends.get(topic)?.[partition] ?? 0),
  );
  const ids = await idsAt(log, within);
  return new Map(
    positions.map((one) => [placeOf(one), { next: one.next, counts: ids.get(placeOf(one)) === one.lastId }]), // 4
  );
}

async function idsAt(
  { read }: ServicePorts['log'],
  positions: readonly StoredPosition[],
): Promise<Map<string, string>> {
  const ranges = positions.map(({ topic, partition, lastOffset: from }) => ({ topic, partition, from, to: from + 1 }));
  const ids = new Map<string, string>();
  for await (const batch of read(ranges)) for (const { id } of batch.records) ids.set(placeOf(batch), id);
  return ids;
}

function placeOf({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`;
}
