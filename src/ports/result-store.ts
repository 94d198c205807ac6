import type { MaterialId } from '../model/material-id.ts';
import type { Rejection } from '../model/rejection.ts';

/**
 * Tables of a campaign's predictions, members, selections and rejections, for queries and plots by people.
 *
 * They are not a source of truth: everything can be cleared and stored again from the log, and no decision depends on
 * it.
 * 1. Storing the same rows again, in any order and any number of times, changes nothing that a query sees.
 * 2. Once the promise has resolved, the rows survive a crash of the store. Awaiting it is the back-pressure.
 * 3. Of two rows with the same key, queries see the one with the higher epoch; with equal epochs, the one stored last.
 * 4. Memory does not grow with the number of rows; rows are pulled as fast as they can be stored.
 * 5. Notes beside the rows record what is stored, so an old copy of the tables has old notes. If tables are dropped,
 *    the notes about all tables filled together with them are dropped too, so that a reader of the notes knows what to
 *    store again.
 */
export interface ResultStore extends ResultReader {
  /** Stores predictions of whole partitions, then notes that these partitions are stored (even if they are empty). */
  storePredictions(batch: PredictionBatch, rows: Rows<Prediction>): Promise<void>;
  storeMembers(rows: Rows<MemberResult>): Promise<void>;
  storeRounds(rows: Rows<RoundResult>): Promise<void>;
  storeSelections(rows: Rows<SelectionResult>): Promise<void>;
  storeRejections(rows: Rows<StoredRejection>): Promise<void>;
  /** The partitions of a campaign noted as stored; the others must be stored again. Creates lost tables. */
  storedPredictions(campaign: string): Promise<readonly StoredRound[]>;
  /**
   * Notes up to where events have been stored. Store the rows first: after a crash between the two, they are stored
   * again. A note counts only if it continues the existing note: after a loss in between, nothing is noted. So that this
   * holds for the first rows too, open a partition with a note that ends at 0 before them.
   */
  notePositions(positions: readonly NextPosition[]): Promise<void>;
  /** The last note that `notePositions` stored for each partition. Creates lost tables. */
  positions(): Promise<readonly StoredPosition[]>;
  /**
   * For rounds before this one, keeps only the summaries and the predictions of selected materials. A round without a
   * stored selection stays whole.
   */
  thinPredictionsBefore(round: RoundKey): Promise<void>;
  /** Removes everything, whatever version it has, and creates empty tables: the first step of a rebuild. */
  clear(): Promise<void>;
}

/** The tables for people's queries. */
export interface ResultReader {
  /** Runs one read-only statement. @throws AppError `query_failed` with the engine's own message */
  query(sql: string, options?: QueryOptions): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export type Rows<T> = Iterable<T> | AsyncIterable<T>;

export interface QueryOptions {
  /** A ClickHouse format: `PrettyCompact` by default, `CSVWithNames`, `JSONEachRow`, `Parquet`, ... */
  readonly format?: string;
  /** Ends the query, in the engine too. */
  readonly signal?: AbortSignal;
  /** A time limit below the engine's own limit. */
  readonly secondsMax?: number;
}

export interface RoundKey {
  readonly campaign: string;
  /** Counted from 1. */
  readonly round: number;
}

/** The partitions of a round whose predictions are stored, ascending. */
export interface StoredRound {
  readonly round: number;
  readonly snapshotHash: string;
  readonly partitions: readonly number[];
}

/** Up to where a partition's events are stored, and the last stored event, which identifies the log. */
export interface StoredPosition {
  readonly topic: string;
  readonly partition: number;
  /** The offset at which to continue. */
  readonly next: number;
  /** Offset of the last stored event; 0 and no id where none is stored yet. */
  readonly lastOffset: number;
  readonly lastId: string;
}

export interface NextPosition extends StoredPosition {
  /** The `next` of the existing note; null if there is none. */
  readonly after: number | null;
}

/** The author of a row: the epoch of the campaign's writer, so that a later writer's rows win. */
export interface Written extends RoundKey {
  readonly epoch: number;
}

export interface PredictionBatch extends Written {
  readonly snapshotHash: string;
  /** The partitions that the rows cover completely. */
  readonly partitions: readonly number[];
}

export interface Prediction {
  readonly partition: number;
  readonly materialId: MaterialId;
  readonly target: string;
  /** GPa, mean over the members. */
  readonly mean: number;
  /** GPa, population standard deviation over the members. */
  readonly stdev: number;
  /** GPa, by member index. */
  readonly memberValues?: ArrayLike<number>;
  /** GPa, the label if it is known. */
  readonly calculated?: number;
}

/** The errors of predictions against labels; NaN if undefined. */
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
  /** The number of labels that the round trained on, and how many of them the previous round did not have. */
  readonly labels: number;
  readonly added: number;
  readonly seconds: number;
  readonly snapshotHash: string;
  readonly metrics: readonly RoundMetrics[];
  readonly calibrations: readonly CalibrationResult[];
  readonly uncertainty: readonly UncertaintyResult[];
}

/** A number with its 95 % interval; null if undefined. */
export interface Bounded {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** How a target's STDEV becomes an error bar, for a group of materials; `all` for all. */
export interface CalibrationResult {
  readonly target: string;
  readonly group: string;
  readonly count: number;
  readonly scale: Bounded;
  /** By level; null where nothing bounds. */
  readonly quantiles: Readonly<Record<'68' | '90' | '95', number | null>>;
}

/** The share of values within intervals, and their mean width. */
export interface CoverageResult extends Bounded {
  readonly width: number | null;
}

/** How far STDEV and intervals were right at one level. */
export interface UncertaintyResult {
  readonly target: string;
  readonly subset: 'reserve' | 'test' | 'batch';
  readonly group: string;
  readonly level: number;
  readonly count: number;
  readonly raw: CoverageResult;
  /** Null without calibration. */
  readonly scaled: CoverageResult | null;
  readonly conformal: CoverageResult | null;
  readonly meanSquaredZ: Bounded;
  readonly scaledMeanSquaredZ: Bounded;
  readonly rankCorrelation: number | null;
}

export interface RoundMetrics extends Deviation {
  readonly target: string;
  readonly subset: 'candidates' | 'test';
  /** GPa, population standard deviation of the members' MAEs. */
  readonly maeStdev: number;
}

export interface SelectionResult extends Written {
  /** Counted from 1. */
  readonly rank: number;
  readonly materialId: MaterialId;
  readonly score: number;
  readonly why: string;
}

export interface StoredRejection extends Rejection {
  /** Derived from source and input, so that a replay gives the same id. */
  readonly id: string;
}
