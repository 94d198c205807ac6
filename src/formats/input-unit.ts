import type { Material } from '../model/material.ts';
import type { Rejection } from '../model/rejection.ts';
import type { JsonObject } from './json-fields.ts';

/** Formats that are read as a whole, because a structure may need any part of the file. */
export type DocumentFormat = 'cif' | 'poscar' | 'json';

/** Some whole lines of a JSON-lines source. */
export interface RowsUnit {
  readonly kind: 'rows';
  /** File path as given or found, or `-`. */
  readonly source: string;
  /** Number of the first line, from 1. */
  readonly firstLine: number;
  /** UTF-8 lines, each but perhaps the last ended by LF; owns its ArrayBuffer, so it can be transferred to a worker. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A whole file, decompressed, at most DOCUMENT_BYTES_MAX long. */
export interface DocumentUnit {
  readonly kind: 'document';
  readonly source: string;
  readonly format: DocumentFormat;
  /** Owns its ArrayBuffer, so it can be transferred to a worker. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The material id where the file itself gives none; not yet checked. */
  readonly idHint: string;
}

/** A material, and the JSON object that it was read from, where it was: whoever wants labels finds them there. */
export interface ParsedMaterial {
  readonly material: Material;
  readonly json?: JsonObject;
}

/** One structure of a document: a thunk, so that one that is refused leaves the others readable. */
export interface DocumentEntry {
  /** `block data_NaCl`, `entry 3`; absent where the document can hold one structure only. */
  readonly locator?: string;
  /** @throws RejectedInput */
  readonly parse: () => ParsedMaterial;
}

/** What could not be turned into lines or a document. */
interface RejectionUnit {
  readonly kind: 'rejection';
  readonly rejection: Rejection;
}

/** A piece of input, cheap to make and safe to send to another thread, which calls `materialsOf` on it. */
export type InputUnit = RowsUnit | DocumentUnit | RejectionUnit;

/** What becomes of each structure of the input, in input order. */
export type StructureItem =
  | (ParsedMaterial & { readonly kind: 'material'; readonly source: string; readonly locator?: string })
  | { readonly kind: 'rejection'; readonly rejection: Rejection };

export interface InputOptions {
  /** Called for each file of a folder whose name is of no known format. */
  readonly onSkipped?: (path: string) => void;
  /** Called as bytes are read from disk (before decompression). The total is unknown for standard input and pipes. */
  readonly onProgress?: (bytesRead: number, bytesTotal: number | undefined) => void;
  /** What `-` reads; process.stdin where absent. */
  readonly stdin?: AsyncIterable<Uint8Array>;
}
