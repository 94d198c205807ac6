import { FEATURES, featureIndices } from '../featurizers/feature-schema.ts';
import { createMaterialFeaturizer } from '../featurizers/material-featurizer.ts';
import type { CampaignConfig } from '../learning/campaign/campaign-config.ts';
import { type MemberModel, readModel } from '../learning/ensemble/member-models.ts';
import { type EnsembleModels, predictRows, type RowPredictions } from '../learning/ensemble/predict-rows.ts';
import type { AppError } from '../model/app-error.ts';
import type { Material } from '../model/material.ts';
import type { ModelName, ModelStore } from '../ports/model-store.ts';
import { createTurns } from './turns.ts';

/** What an ensemble says of a material: the predictions of one row. */
interface EnsemblePrediction extends RowPredictions {
  /** Float64Array[281], NaN where not known. */
  readonly vector: Float64Array;
}

/** @throws RejectedInput where the structure cannot be featurized */
export type EnsemblePredictor = (material: Material) => EnsemblePrediction;

/** Predicts from a structure what the campaign's ranking predicts from the log. */
export function createEnsemblePredictor(
  config: Pick<CampaignConfig, 'features' | 'targets'>,
  models: EnsembleModels,
): EnsemblePredictor {
  const predict = createVectorPredictor(config, models);
  const featurizer = createMaterialFeaturizer({ cell: 'primitive' });
  return (material) => {
    const vector = new Float64Array(FEATURES.length);
    featurizer.featurize(material, vector);
    return { vector, ...predict(vector) };
  };
}

/** The same from a feature vector: Float64Array[281], NaN where not known. */
export function createVectorPredictor(
  { features, targets }: Pick<CampaignConfig, 'features' | 'targets'>,
  models: EnsembleModels,
): (vector: Float64Array) => RowPredictions {
  const columns = featureIndices(features);
  return (vector) => predictRows([{ vector }], { models, targets, columns });
}

/** A store beyond the network has others to answer, too. */
const MODELS_AT_A_TIME = 16;

/** @param missing what to say of a model that is not there, `the g_vrh model of member 3` */
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
