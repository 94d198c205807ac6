import type { LabelMethod, Target } from '../model/label.ts';
import type { Material } from '../model/material.ts';
import type { Rejection } from '../model/rejection.ts';

/** What a source knows of a material's moduli. */
export interface SourceLabel {
  readonly method: LabelMethod;
  /** Where it stands: file and line, database and version. */
  readonly provenance: string;
  /** GPa; checked already, at least one of them known. */
  readonly values: Readonly<Partial<Record<Target, number>>>;
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
