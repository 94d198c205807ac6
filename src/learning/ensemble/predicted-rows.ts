import { compareIds } from '../../model/id-order.ts';
import type { LabelContent } from '../../model/label.ts';
import type { MaterialFacts } from '../../model/material-facts.ts';
import type { CampaignConfig } from '../campaign/campaign-config.ts';
import type { PoolCandidate, RoundContents } from '../campaign/round-contents.ts';
import type { Example } from '../data/material-catalogue.ts';
import { type EnsembleModels, predictionSettings, predictRows } from './predict-rows.ts';

/** What a round's models say of a material. */
export interface PredictedRow {
  readonly facts: MaterialFacts;
  readonly set: 'candidates' | 'test' | 'reserve';
  /** By target, mean and population STDEV over the members, in its unit. */
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
  /** The known values, those that are hidden from the campaign too. */
  readonly actual: LabelContent['values'];
}

/** Bounds the memory: a chunk of feature vectors takes 2.3 MB. */
const ROWS_PER_CHUNK = 1024;

/** A round's candidates, then its test set and its reserve, ids ascending, with what its models predict. */
export function* predictedRows(
  config: CampaignConfig,
  { pool, test, reserve }: RoundContents,
  models: EnsembleModels,
): Generator<PredictedRow> {
  const candidates = pool.flat().sort((a, b) => compareIds(a.facts.materialId, b.facts.materialId));
  yield* rowsOf(config, 'candidates', candidates, ({ truth }) => truth ?? {}, models);
  yield* rowsOf(config, 'test', test, ({ label }) => label.values, models);
  yield* rowsOf(config, 'reserve', reserve, ({ label }) => label.values, models);
}

function* rowsOf<T extends PoolCandidate | Example>(
  config: CampaignConfig,
  set: PredictedRow['set'],
  rows: readonly T[],
  actualOf: (row: T) => LabelContent['values'],
  models: EnsembleModels,
): Generator<PredictedRow> {
  const settings = predictionSettings(config, models);
  for (let start = 0; start < rows.length; start += ROWS_PER_CHUNK) {
    const chunk = rows.slice(start, start + ROWS_PER_CHUNK);
    const { mean, standardDeviation } = predictRows(chunk, settings);
    for (const [i, row] of chunk.entries()) {
      const at = (values: readonly Float64Array[]) => values.map((column) => column[i]!);
      yield { facts: row.facts, set, mean: at(mean), standardDeviation: at(standardDeviation), actual: actualOf(row) };
    }
  }
}
