import type { CalculationRun } from '../model/calculation-run.ts';
import type { LabelMethod } from '../model/label.ts';
import type { Material } from '../model/material.ts';
import type { RejectedInput, Rejection } from '../model/rejection.ts';
import type { TableOptions } from '../model/table-options.ts';
import type { MeasuredValues } from '../model/target.ts';
import type { JsonObject } from './json-fields.ts';
import type { TableColumns } from './tables/table-columns.ts';

/** Formats that are read as a whole, because a structure may need any part of the file. */
export type DocumentFormat = 'cif' | 'poscar' | 'json';

/** Several whole lines of a JSON-lines source. */
export interface RowsUnit {
  readonly kind: 'rows';
  /** The path of the file as given or found, or `-`. */
  readonly source: string;
  /** Number of the first line, from 1. */
  readonly firstLine: number;
  /**
   * UTF-8 lines, each ended by LF, the last one perhaps not; owns its ArrayBuffer, so it can be transferred to a
   * worker.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A whole file, decompressed, at most DOCUMENT_BYTES_MAX long. */
export interface DocumentUnit {
  readonly kind: 'document';
  readonly source: string;
  readonly format: DocumentFormat;
  /** Owns its ArrayBuffer, so it can be transferred to a worker. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The material id to use if the file gives none; not yet checked. */
  readonly idHint: string;
}

/** Several entries of a JSON list. */
export interface EntriesUnit {
  readonly kind: 'entries';
  readonly source: string;
  /** Each with its number in the list, from 1, and its text; without text if it is longer than may be kept. */
  readonly entries: readonly { readonly number: number; readonly entry: Uint8Array | undefined }[];
  readonly size: number;
  /** The beginning of ids, if an entry gives none; not yet checked. */
  readonly idHint: string;
}

/** Several rows of a table. */
export interface TableUnit {
  readonly kind: 'table';
  readonly source: string;
  /** What a row's number counts: lines of a text, or rows. */
  readonly counts: 'line' | 'row';
  readonly columns: TableColumns;
  readonly rows: readonly TableRow[];
  /** About how much memory the rows take. */
  readonly size: number;
  /** The beginning of ids, if the table gives none; not yet checked. */
  readonly idHint: string;
}

export interface TableRow {
  readonly number: number;
  readonly cells: readonly unknown[];
  /** The content of the structure file that the row names. */
  readonly file?: InputUnit;
}

/** The output of a run, read as it streamed in: one structure, however long the output was. */
export interface RunUnit {
  readonly kind: 'run';
  readonly source: string;
  /** The frame of a file that holds several. */
  readonly locator?: string;
  readonly run: CalculationRun;
  /** The material id; not yet checked. */
  readonly idHint: string;
}

/** A structure that was read as the file streamed in, or a rejection. */
interface ItemUnit {
  readonly kind: 'item';
  readonly source: string;
  readonly item: StructureItem;
}

/** What a file says about a material besides its structure. */
export interface GivenLabel extends MeasuredValues {
  readonly method: LabelMethod;
  /** Float64Array[36], row-major, Voigt order, GPa, symmetric. Moduli may follow from it that the values lack. */
  readonly tensor?: Float64Array;
}

/** A material with its label if the format has one, or the JSON object where readers of labels find it. */
export interface ParsedMaterial {
  readonly material: Material;
  readonly json?: JsonObject;
  readonly label?: GivenLabel;
  /** Why the label that stands there cannot be read. */
  readonly badLabel?: RejectedInput;
}

/** One structure of a document. `parse` is a thunk, so that one rejected structure leaves the others readable. */
export interface DocumentEntry {
  /** `block data_NaCl`, `entry 3`; absent if the document can hold only one structure. */
  readonly locator?: string;
  /** @throws RejectedInput */
  readonly parse: () => ParsedMaterial;
}

/** Input that could not be turned into lines or a document. */
interface RejectionUnit {
  readonly kind: 'rejection';
  readonly rejection: Rejection;
}

/** A piece of input. It is cheap to create and safe to send to another thread, which calls `materialsOf` on it. */
export type InputUnit = RowsUnit | DocumentUnit | EntriesUnit | TableUnit | RunUnit | ItemUnit | RejectionUnit;

/** About how much memory a unit takes, in bytes. */
export function unitSize(unit: InputUnit): number {
  if ('size' in unit) return unit.size;
  return 'bytes' in unit ? unit.bytes.length : 0;
}

/** The outcome for each structure of the input, in input order. */
export type StructureItem =
  | (ParsedMaterial & { readonly kind: 'material'; readonly source: string; readonly locator?: string })
  | { readonly kind: 'rejection'; readonly rejection: Rejection };

export interface InputOptions {
  /** What is said of tables. Only tables have columns: other files are refused. */
  readonly table?: TableOptions;
  /** Told once for each table: which columns it holds. */
  readonly onNote?: (line: string) => void;
  /** Called for each file of a folder whose name has no known format. */
  readonly onSkipped?: (path: string) => void;
  /** Called as bytes are read from disk (before decompression). The total is unknown for standard input and pipes. */
  readonly onProgress?: (bytesRead: number, bytesTotal: number | undefined) => void;
  /** The stream that `-` reads; process.stdin if absent. */
  readonly stdin?: AsyncIterable<Uint8Array>;
}
