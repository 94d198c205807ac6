import type { LabelMethod } from '../model/label.ts';
import type { Material } from '../model/material.ts';
import type { Rejection } from '../model/rejection.ts';
import type { MeasuredValues } from '../model/target.ts';

/** What a source knows of a material; its values are checked already, and there is at least one. */
export interface SourceLabel extends MeasuredValues {
  readonly method: LabelMethod;
  /** Where it stands: file and line, database and version. */
  readonly provenance: string;
  /** Float64Array[36], row-major, Voigt order, GPa. */
  readonly tensor?: Float64Array;
}

/** A material, with its label where there is one, or what was refused. A bad label is refused beside its material. */
export type SourceItem =
  | { readonly kind: 'material'; readonly material: Material; readonly label?: SourceLabel }
  | { readonly kind: 'rejection'; readonly rejection: Rejection };

/** Where materials come from. */
export interface MaterialSource {
  /** Names source and content, so that a changed file is another source: `data.jsonl.gz@sha256:0123456789abcdef`. */
  readonly id: string;
  /** Everything, in the source's order, an id once only; memory stays bounded, because items are pulled. */
  read(signal?: AbortSignal): AsyncIterable<SourceItem>;
}
