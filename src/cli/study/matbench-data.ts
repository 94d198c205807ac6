import { readStructures } from '../../adapters/sources/files/read-structures.ts';
import { type FeatureSet, isGeometric, schemaFeatures } from '../../featurizers/feature-schema.ts';
import { createMaterialFeaturizer } from '../../featurizers/material-featurizer.ts';
import type { FoldRow } from '../../learning/study/fold-benchmark.ts';
import { AppError } from '../../model/app-error.ts';
import { compareIds } from '../../model/id-order.ts';
import { MODULI, type Modulus } from '../../model/target.ts';
import { readBytes } from './study-files.ts';

/** A target's rows, ids ascending. */
export type StudyRow = FoldRow & { readonly vector: Float64Array };

export interface MatbenchData {
  readonly rows: Readonly<Record<Modulus, readonly StudyRow[]>>;
  /** Of the materials with a fold: how many the data lack, and how many values have no logarithm. */
  readonly missing: number;
  readonly notPositive: number;
}

/** A line of the folds. */
interface FoldLine {
  readonly material_id: string;
  readonly fold_g: number | null;
  readonly fold_k: number | null;
  readonly rf_log_g: number | null;
  readonly rf_log_k: number | null;
}

const KEYS: Readonly<Record<Modulus, readonly [fold: keyof FoldLine, published: keyof FoldLine]>> = {
  g_vrh: ['fold_g', 'rf_log_g'],
  k_vrh: ['fold_k', 'rf_log_k'],
};

/**
 * The materials that have a fold, with their features.
 * @throws AppError `input_unreadable`, `invalid_argument` where no row has both a fold and a value
 */
export async function readMatbench(
  paths: { readonly data: string; readonly folds: string },
  features: FeatureSet,
  onProgress: (materials: number) => void,
): Promise<MatbenchData> {
  const folds = await readFolds(paths.folds);
  const featurizer = createMaterialFeaturizer({ cell: 'primitive', geometric: isGeometric(features) });
  const rows: Record<Modulus, StudyRow[]> = { g_vrh: [], k_vrh: [] };
  let [materials, notPositive] = [0, 0];
  for await (const item of readStructures(paths.data)) {
    const line = item.kind === 'material' ? folds.get(item.material.id) : undefined;
    if (item.kind === 'rejection' || line === undefined) continue;
    const vector = new Float64Array(schemaFeatures(features).length);
    featurizer.featurize(item.material, vector);
    for (const target of MODULI) {
      const [fold, published] = KEYS[target].map((key) => line[key]);
      const actual = item.json?.[target];
      if (typeof actual !== 'number' || typeof fold !== 'number' || typeof published !== 'number') continue;
      if (actual > 0) rows[target].push({ id: item.material.id, fold, actual, published, vector });
      else notPositive++;
    }
    onProgress(++materials);
  }
  for (const target of MODULI) {
    if (rows[target].length > 0) rows[target].sort((a, b) => compareIds(a.id, b.id));
    else throw noRows(paths, target);
  }
  return { rows, missing: folds.size - materials, notPositive };
}

function noRows({ data, folds }: { readonly data: string; readonly folds: string }, target: Modulus): AppError {
  const message = `no material of ${data} has ${target} and a fold in ${folds}: name data with g_vrh and k_vrh, and the folds of the same materials`;
  return new AppError('invalid_argument', message);
}

async function readFolds(path: string): Promise<Map<string, FoldLine>> {
  const folds = new Map<string, FoldLine>();
  const lines = new TextDecoder().decode(await readBytes(path)).split('\n');
  for (const [i, text] of lines.entries()) {
    if (text.trim() === '') continue;
    const line = foldLine(text);
    if (line === undefined) {
      const wanted =
        '{"material_id", "fold_g", "fold_k", "rf_log_g", "rf_log_k"}, folds from 0, null where there is none';
      throw new AppError('input_unreadable', `${path}, line ${i + 1}: is no line of folds: give ${wanted}`);
    }
    folds.set(line.material_id, line);
  }
  return folds;
}

function foldLine(text: string): FoldLine | undefined {
  try {
    const line = JSON.parse(text) as FoldLine;
    const folds = [line.fold_g, line.fold_k].filter((fold) => fold !== null);
    const isLine = typeof line.material_id === 'string' && folds.every((fold) => Number.isInteger(fold) && fold >= 0);
    return isLine ? line : undefined;
  } catch {
    return undefined;
  }
}
