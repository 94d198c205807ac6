import { materialsOf } from '../../adapters/sources/files/materials-of.ts';
import { type StructureOrigin, structureFingerprint } from '../../adapters/sources/files/seen-ids.ts';
import type { Row } from '../../adapters/writers/row-sink.ts';
import { type OutputFormat, textFormat } from '../../adapters/writers/table-format.ts';
import { type FeatureSet, featureIndices, isGeometric, schemaFeatures } from '../../featurizers/feature-schema.ts';
import { createMaterialFeaturizer } from '../../featurizers/material-featurizer.ts';
import type { CellChoice } from '../../featurizers/mp-properties.ts';
import type { InputUnit, StructureItem } from '../../formats/input-unit.ts';
import { AppError } from '../../model/app-error.ts';
import { RejectedInput, type Rejection } from '../../model/rejection.ts';

/** What every thread must know; plain data. */
export interface FeaturizeSettings {
  readonly set: FeatureSet;
  readonly cell: CellChoice;
  readonly format: OutputFormat;
}

export interface FeaturizeJob {
  readonly units: readonly InputUnit[];
  /** Structures at the beginning that an interrupted run has done already. */
  readonly skip: number;
}

type MaterialItem = Extract<StructureItem, { kind: 'material' }>;

/** What became of one structure of the input; without `origin` where none could be read. Safe to send between threads. */
export type FeaturizedItem =
  | { readonly origin: StructureOrigin; readonly row: Row }
  | { readonly origin?: StructureOrigin; readonly rejection: Rejection };

/** The work of one thread: parses units, featurizes their structures and formats the rows, in input order. */
export function createUnitFeaturizer(settings: FeaturizeSettings): (job: FeaturizeJob) => FeaturizedItem[] {
  const featurizer = createMaterialFeaturizer({ cell: settings.cell, geometric: isGeometric(settings.set) });
  const text = textFormat(settings.format);
  const indices = featureIndices(settings.set);
  const vector = new Float64Array(schemaFeatures(settings.set).length);
  // One array for all rows: V8 keeps it as unboxed doubles, which JSON.stringify reads fastest.
  const values = Array.from(indices, () => 0.5);
  const rowOf = (item: MaterialItem): Row => {
    featurizer.featurize(item.material, vector);
    for (let i = 0; i < indices.length; i++) values[i] = vector[indices[i]!]!;
    return text ? text.row(item.material.id, values) : Float64Array.from(values);
  };
  return (job) => {
    const items: FeaturizedItem[] = [];
    let skip = job.skip;
    for (const unit of job.units) {
      for (const item of materialsOf(unit)) {
        if (skip > 0) skip--;
        else items.push(item.kind === 'material' ? featurizeItem(item, rowOf) : { rejection: item.rejection });
      }
    }
    return items;
  };
}

function featurizeItem(item: MaterialItem, rowOf: (item: MaterialItem) => Row): FeaturizedItem {
  const origin = originOf(item);
  try {
    return { origin, row: rowOf(item) };
  } catch (error) {
    if (error instanceof RejectedInput) return { origin, rejection: rejectionAt(origin, error) };
    const place = [item.source, item.locator].filter(Boolean).join(', ');
    throw new AppError('internal', `${item.material.id} (${place}): ${(error as Error).stack}`, { cause: error });
  }
}

export function originOf({ material, source, locator }: MaterialItem): StructureOrigin {
  const origin = { id: material.id, source, fingerprint: structureFingerprint(material) };
  return locator === undefined ? origin : { ...origin, locator };
}

function rejectionAt(origin: StructureOrigin, { code, message }: RejectedInput): Rejection {
  const rejection = { code, message, source: origin.source, materialId: origin.id };
  return origin.locator === undefined ? rejection : { ...rejection, locator: origin.locator };
}
