import { isGeometric, schemaFeatures } from '../featurizers/feature-schema.ts';
import { createMaterialFeaturizer } from '../featurizers/material-featurizer.ts';
import { type MemberModel, readModel } from '../learning/ensemble/member-models.ts';
import {
  type EnsembleModels,
  predictionSettings,
  predictRows,
  type RowPredictions,
} from '../learning/ensemble/predict-rows.ts';
import type { AppError } from '../model/app-error.ts';
import type { Material } from '../model/material.ts';
import type { ModelName, ModelStore } from '../ports/model-store.ts';
import { createTurns } from './turns.ts';

/** An ensemble's predictions for one material: one row. */
interface EnsemblePrediction extends RowPredictions {
  /** Float64Array[281], NaN for unknown features. */
  readonly vector: Float64Array;
}

type PredictingConfig = Parameters<typeof predictionSettings>[0];

/** @throws RejectedInput if the structure cannot be featurized */
export type EnsemblePredictor = (material: Material) => EnsemblePrediction;

/** Creates a predictor for structures; it predicts the same values as the campaign's ranking does from the log. */
export function createEnsemblePredictor(config: PredictingConfig, models: EnsembleModels): EnsemblePredictor {
  const predict = createVectorPredictor(config, models);
  const featurizer = createMaterialFeaturizer({ cell: 'primitive', geometric: isGeometric(config.features) });
  return (material) => {
    const vector = new Float64Array(schemaFeatures(config.features).length);
    featurizer.featurize(material, vector);
    return { vector, ...predict(vector) };
  };
}

/** Creates the same predictor for feature vectors: Float64Array[281], NaN for unknown features. */
export function createVectorPredictor(
  config: PredictingConfig,
  models: EnsembleModels,
): (vector: Float64Array) => RowPredictions {
  const settings = predictionSettings(config, models);
  return (vector) => predictRows([{ vector }], settings);
}

/** Limits concurrent reads: a store on the network serves others too. */
const MODELS_AT_A_TIME = 16;

/** @param missing creates the error for an absent model from its description, such as `the g_vrh model of member 3` */
export function loadEnsemble(
  store: Pick<ModelStore, 'get'>,
  members: readonly MemberModel[],
  missing: (model: string) => AppError,
): Promise<EnsembleModels> {
  const turns = createTurns(MODELS_AT_A_TIME);
  return Promise.all(
    members.map(({ member, targets }) =>
      Promise.all(
        targets.map(async ({ target, model }) => {
          const bytes = await turns.take(() => store.get(model as ModelName));
          if (bytes) return readModel(new TextDecoder().decode(bytes));
          throw missing(`the ${target} model of member ${member}`);
        }),
      ),
    ),
  );
}
