import { FEATURES, featureIndices } from '../featurizers/feature-schema.ts';
import { createMaterialFeaturizer } from '../featurizers/material-featurizer.ts';
import type { CampaignConfig } from '../learning/campaign-config.ts';
import { type MemberModel, readModel } from '../learning/member-models.ts';
import { type EnsembleModels, predictRows, type RowPredictions } from '../learning/predict-rows.ts';
import type { AppError } from '../model/app-error.ts';
import type { Material } from '../model/material.ts';
import type { ModelName, ModelStore } from '../ports/model-store.ts';

/** What an ensemble says of a material: the predictions of one row. */
export interface EnsemblePrediction extends RowPredictions {
  /** Float64Array[281], NaN where not known. */
  readonly vector: Float64Array;
}

/** @throws RejectedInput where the structure cannot be featurized */
export type EnsemblePredictor = (material: Material) => EnsemblePrediction;

/** Predicts from a structure what the campaign's ranking predicts from the log. */
export function createEnsemblePredictor(
  { features, targets }: Pick<CampaignConfig, 'features' | 'targets'>,
  models: EnsembleModels,
): EnsemblePredictor {
  const columns = featureIndices(features);
  const featurizer = createMaterialFeaturizer({ cell: 'primitive' });
  return (material) => {
    const vector = new Float64Array(FEATURES.length);
    featurizer.featurize(material, vector);
    return { vector, ...predictRows([{ vector }], { models, targets, columns }) };
  };
}

/** @param missing what to say of a model that is not there, `the g_vrh model of member 3` */
export function loadEnsemble(
  store: Pick<ModelStore, 'get'>,
  members: readonly MemberModel[],
  missing: (model: string) => AppError,
): Promise<EnsembleModels> {
  return Promise.all(
    members.map(({ member, targets }) =>
      Promise.all(
        targets.map(async ({ target, model }) => {
          const bytes = await store.get(model as ModelName);
          if (bytes) return readModel(new TextDecoder().decode(bytes));
          throw missing(`the ${target} model of member ${member}`);
        }),
      ),
    ),
  );
}
