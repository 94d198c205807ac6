import type { ContentHash } from '../model/content-hash.ts';
import type { LabelMethod } from '../model/label.ts';
import type { Material } from '../model/material.ts';
import type { Rejection } from '../model/rejection.ts';
import type { MeasuredValues } from '../model/target.ts';

/** The values of a material as a source gives them: already checked, at least one of them is known. */
export interface SourceLabel extends MeasuredValues {
  readonly method: LabelMethod;
  /** The place of the label: file and line, database and version. */
  readonly provenance: string;
  /** Float64Array[36], row-major, Voigt order, GPa. */
  readonly tensor?: Float64Array;
  /** Hash of the set of deformations to which the tensor was fitted, if it was. */
  readonly deformationsHash?: ContentHash;
}

/** A material, with its label if there is one, or a rejection. A bad label is rejected in addition to its material. */
export type SourceItem =
  | { readonly kind: 'material'; readonly material: Material; readonly label?: SourceLabel }
  | { readonly kind: 'rejection'; readonly rejection: Rejection };

/** The facts about a source that are known only when it has been read to its end. */
export interface SourceEnd {
  /** SHA-256 of the whole content, hexadecimal; absent if the source has none. */
  readonly digest?: string;
}

/** A source of materials. */
export interface MaterialSource {
  /**
   * Names the source. If its content is known before it is read, the id names the content too, so that a changed file is
   * another source: `data.jsonl.gz@sha256:0123456789abcdef`.
   */
  readonly id: string;
  /**
   * Yields everything in the source's order, each id once, and returns what is known at the end. Memory stays bounded,
   * because items are read on demand.
   */
  read(signal?: AbortSignal): AsyncGenerator<SourceItem, SourceEnd, void>;
}
