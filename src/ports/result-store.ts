import type { MaterialId } from '../model/material-id.ts';
import type { Rejection } from '../model/rejection.ts';

/**
 * What a campaign predicted, trained, chose and refused, in tables for people's queries and plots.
 *
 * Not truth: all of it can be cleared and stored again from the log, and no decision is taken from it.
 * 1. Storing the same rows again, in any order and number, changes nothing that a query sees.
 * 2. A resolved promise means that the rows are there after a crash of the store. Awaiting it is the back-pressure.
 * 3. Of two rows with one key, the one with the higher epoch is seen; of the same epoch, the one stored last.
 * 4. Memory does not grow with the number of rows; they are pulled as fast as they can be stored.
 * 5. What is there is noted beside the rows: an old copy of the tables has old notes. Tables that were dropped take the
 *    notes of all that were filled with them along, so that whoever asks for notes learns what to store again.
 */
export interface ResultStore extends ResultReader {
  /** Stores predictions of whole partitions, then notes that these partitions are stored (an empty one, too). */
  storePredictions(batch: PredictionBatch, rows: Rows<Prediction>): Promise<void>;
  storeMembers(rows: Rows<MemberResult>): Promise<void>;
  storeRounds(rows: Rows<RoundResult>): Promise<void>;
  storeSelections(rows: Rows<SelectedCandidate>): Promise<void>;
  storeRejections(rows: Rows<StoredRejection>): Promise<void>;
  /** A campaign's partitions that are noted as stored: what is missing is to be stored again. Lays out lost tables. */
  storedPredictions(campaign: string): Promise<readonly StoredRound[]>;
  /**
   * Notes how far events have been stored. Rows first: a crash between the two has them stored again. A note only goes
   * on from the one that it follows: after a loss in between, nothing is noted.
   */
  notePositions(positions: readonly NextPosition[]): Promise<void>;
  /** What `notePositions` has noted, by the last note of each partition. Lays out lost tables. */
  positions(): Promise<readonly StoredPosition[]>;
  /**
   * Of rounds before this one, keeps only the predictions of selected materials and the summaries; a round of which no
   * selection is stored yet stays whole.
   */
  thinPredictionsBefore(round: RoundKey): Promise<void>;
  /** Removes everything, whatever version it has, and lays out empty tables: the first step of a rebuild. */
  clear(): Promise<void>;
}

/** The tables for people's queries. */
export interface ResultReader {
  /** Runs one statement that only reads. @throws AppError `query_failed`, with the engine's own words */
  query(sql: string, options?: QueryOptions): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export type Rows<T> = Iterable<T> | AsyncIterable<T>;

export interface QueryOptions {
  /** A ClickHouse format: `PrettyCompact` unless told, `CSVWithNames`, `JSONEachRow`, `Parquet`, ... */
  readonly format?: string;
  /** Ends the query in the engine, too. */
  readonly signal?: AbortSignal;
  /** Less than the engine's own limit. */
  readonly secondsMax?: number;
}

export interface RoundKey {
  readonly campaign: string;
  /** From 1. */
  readonly round: number;
}

/** A round's partitions whose predictions are stored, ascending. */
export interface StoredRound {
  readonly round: number;
  readonly snapshotHash: string;
  readonly partitions: readonly number[];
}

/** Up to where a partition's events are stored, and by which event to know whether that was the same log. */
export interface StoredPosition {
  readonly topic: string;
  readonly partition: number;
  /** The offset to go on from. */
  readonly next: number;
  /** Of the last event that was stored. */
  readonly lastOffset: number;
  readonly lastId: string;
}

export interface NextPosition extends StoredPosition {
  /** The `next` of the note that is there; 0 where none is. */
  readonly after: number;
}

/** Who wrote: the epoch of the campaign's writer, so that a later writer's rows win. */
export interface Written extends RoundKey {
  readonly epoch: number;
}

export interface PredictionBatch extends Written {
  readonly snapshotHash: string;
  /** The partitions that the rows cover wholly. */
  readonly partitions: readonly number[];
}

export interface Prediction {
  readonly partition: number;
  readonly materialId: MaterialId;
  readonly target: string;
  /** GPa, over the members. */
  readonly mean: number;
  /** GPa, population form. */
  readonly std: number;
  /** GPa, by member index. */
  readonly memberValues?: ArrayLike<number>;
  /** GPa, the label where it is known. */
  readonly observed?: number;
}

/** How far predictions lie from labels; NaN where it is not defined. */
export interface Deviation {
  readonly count: number;
  readonly mae: number;
  readonly rmse: number;
  readonly r2: number;
}

export interface MemberResult extends Written {
  readonly member: number;
  readonly target: string;
  readonly modelHash: string;
  readonly heldOut: Deviation;
  readonly seconds: number;
  readonly engineFingerprint: string;
}

export interface RoundResult extends Written {
  /** Labels that the round trained on, and how many of them the round before did not have. */
  readonly labels: number;
  readonly added: number;
  readonly seconds: number;
  readonly snapshotHash: string;
  readonly metrics: readonly RoundMetrics[];
}

export interface RoundMetrics extends Deviation {
  readonly target: string;
  readonly subset: 'candidates' | 'test';
  /** GPa, standard deviation of the members' own MAE, population form. */
  readonly maeStdev: number;
}

export interface SelectedCandidate extends Written {
  /** From 1. */
  readonly rank: number;
  readonly materialId: MaterialId;
  readonly score: number;
  readonly why: string;
}

export interface StoredRejection extends Rejection {
  /** Derived from source and input, so that a replay gives the same. */
  readonly id: string;
}
