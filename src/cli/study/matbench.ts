import { availableParallelism } from 'node:os';
import { provideLightGbmLibrary } from '../../adapters/lightgbm/provide-library.ts';
import { createLightGbmRegressor } from '../../adapters/lightgbm/regressor.ts';
import type { FeatureSet } from '../../featurizers/feature-schema.ts';
import type { EnsembleSettings } from '../../learning/campaign/campaign-config.ts';
import { type FoldErrors, foldErrors, publishedErrors } from '../../learning/study/fold-benchmark.ts';
import { BOOSTER_PRESETS, type BoosterPreset, presetKinds } from '../../model/booster-config.ts';
import { contentHash } from '../../model/content-hash.ts';
import { sortedJson } from '../../model/sorted-json.ts';
import { MODULI, type Modulus } from '../../model/target.ts';
import type { Regressor } from '../../ports/regressor.ts';
import { predictFold } from './cross-predict.ts';
import { type MatbenchData, readMatbench, type StudyRow } from './matbench-data.ts';
import { type StudyFiles, studyFiles } from './study-files.ts';

export interface MatbenchOptions {
  readonly data: string;
  readonly folds: string;
  readonly dir: string;
  readonly preset: BoosterPreset;
  readonly features: FeatureSet;
  readonly members: number;
  readonly seed: number;
  readonly workers?: number;
}

export interface MatbenchProgress {
  onMaterials(count: number): void;
  /** Members trained, of all. */
  onMembers(done: number, all: number): void;
}

/** Of a target: over all its rows, by fold, and of what was published for the very same rows. */
interface TargetResult extends FoldErrors {
  readonly folds: readonly FoldErrors[];
  readonly published: FoldErrors;
}

export interface MatbenchResult extends Pick<MatbenchData, 'missing' | 'notPositive'> {
  readonly targets: Readonly<Record<Modulus, TargetResult>>;
  readonly engine: string;
}

interface Part {
  readonly target: Modulus;
  readonly fold: number;
  readonly rows: readonly StudyRow[];
}

/** @throws AppError `interrupted` where the signal comes; what is done stays in the directory */
export async function runMatbench(
  options: MatbenchOptions,
  progress: MatbenchProgress,
  signal: AbortSignal,
): Promise<MatbenchResult> {
  const { rows, ...left } = await readMatbench(options, options.features, progress.onMaterials);
  const workers = options.workers ?? availableParallelism();
  const regressor = createLightGbmRegressor({ library: await provideLightGbmLibrary(), workers });
  try {
    const files = studyFiles(options.dir, identityOf(options, rows, regressor));
    const parts = MODULI.flatMap((target) =>
      foldsOf(rows[target]).map((fold): Part => ({ target, fold, rows: rows[target] })),
    );
    const predicted = await predictParts(parts, { options, progress, signal, regressor, files });
    const resultOf = (target: Modulus): TargetResult => {
      const done = parts
        .map((part, i) => ({ ...part, values: predicted[i]! }))
        .filter((part) => part.target === target);
      const tested = done.map(({ fold }) => rows[target].filter((row) => row.fold === fold));
      return {
        ...foldErrors(
          tested.flat(),
          done.flatMap(({ values }) => values),
        ),
        folds: done.map(({ values }, i) => foldErrors(tested[i]!, values)),
        published: publishedErrors(tested.flat()),
      };
    };
    return { ...left, targets: { g_vrh: resultOf('g_vrh'), k_vrh: resultOf('k_vrh') }, engine: regressor.engine };
  } finally {
    await regressor.close();
  }
}

interface PartSettings {
  readonly options: MatbenchOptions;
  readonly progress: MatbenchProgress;
  readonly signal: AbortSignal;
  readonly regressor: Regressor;
  readonly files: StudyFiles;
}

/** One after the other, so that what is done is kept soon. */
async function predictParts(
  parts: readonly Part[],
  { options, progress, signal, regressor, files }: PartSettings,
): Promise<(readonly number[])[]> {
  const { features, members, seed } = options;
  const ensemble = ensembleOf(options);
  const all = members * parts.length;
  let done = 0;
  const found: (readonly number[])[] = [];
  for (const { target, fold, rows } of parts) {
    const name = `${target}-fold-${fold}`;
    const kept = await files.load(name);
    const onMember = () => progress.onMembers(++done, all);
    const settings = { features, ensemble, seed, signal, onMember };
    const values = kept ?? (await predictFold(rows, fold, target, regressor, settings));
    if (kept) done += members;
    else await files.save(name, values);
    progress.onMembers(done, all);
    found.push(values);
  }
  return found;
}

function ensembleOf({ preset, members }: MatbenchOptions): EnsembleSettings {
  const kinds = Object.fromEntries(MODULI.map((target) => [target, presetKinds(preset, target)]));
  return { members, booster: BOOSTER_PRESETS[preset], kinds };
}

function foldsOf(rows: readonly StudyRow[]): number[] {
  return [...new Set(rows.map(({ fold }) => fold))].sort((a, b) => a - b);
}

/** Of everything on which the predictions depend. */
function identityOf(options: MatbenchOptions, rows: MatbenchData['rows'], { engine }: Regressor): string {
  const settings = sortedJson({ ensemble: ensembleOf(options), features: options.features, seed: options.seed });
  const ofTarget = MODULI.map((target) => [
    target,
    rows[target].map(({ id, fold, actual, vector }) => [id, fold, actual, vector]),
  ]);
  return contentHash('matbench-study', [settings, engine, ...ofTarget]);
}
