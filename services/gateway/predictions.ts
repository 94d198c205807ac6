import { AppError } from '../../src/model/app-error.ts';
import { RejectedInput } from '../../src/model/rejection.ts';
import type { Featurizer } from '../../src/ports/featurizer.ts';
import type { ModelStore } from '../../src/ports/model-store.ts';
import type { CallContext } from '../../src/protocol/call-context.ts';
import type { Material } from '../../src/protocol/generated/elastream/v1/events.generated.ts';
import type { Prediction, PredictRequest } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { fromMaterialMessage } from '../../src/protocol/material-message.ts';
import type { TrainedRound } from '../../src/reading/trained-round.ts';
import { createVectorPredictor, loadEnsemble } from '../../src/runtime/ensemble-predictor.ts';
import { createRecentValues } from '../../src/runtime/recent-values.ts';
import type { ServicePorts } from '../../src/runtime/service.ts';
import { createTurns } from '../../src/runtime/turns.ts';
import { createTrainedRounds } from './trained-rounds.ts';

type VectorPredictor = ReturnType<typeof createVectorPredictor>;

export interface PredictionParts {
  readonly ports: ServicePorts;
  readonly models: Pick<ModelStore, 'get'>;
  /** Featurizes outside of this thread, so that other calls continue, however long a structure takes. */
  readonly featurizer: Pick<Featurizer, 'featurize'>;
}

/** Number of ensembles in memory. An ensemble of 20 members takes some tens of megabytes. */
const OPEN_ENSEMBLES_MAX = 4;
const MATERIALS_MAX = 10_000;
/**
 * Number of structures at a time, for all calls together. More than the number of featurizing threads would only wait
 * in another queue.
 */
const STRUCTURES_AT_A_TIME = 8;

/*
 * Invariants:
 * 1. Calls take turns structure by structure, so no call waits for all structures of another one.
 * 2. After the caller of a call is gone, no further structure of it is begun.
 */

/** Creates the Predict call: predicts materials that need not be in a campaign, with a campaign's models. */
export function createPredictions({ ports, models, featurizer }: PredictionParts) {
  const rounds = createTrainedRounds(ports.log, ports.topics);
  const turns = createTurns(STRUCTURES_AT_A_TIME);
  /** Predictors by campaign and round. */
  const open = createRecentValues<Promise<VectorPredictor>>(OPEN_ENSEMBLES_MAX);

  function predictorOf(trained: TrainedRound): Promise<VectorPredictor> {
    const key = `${trained.created.campaign} ${trained.round.round}`;
    const known = open.get(key);
    if (known) return known;
    const predictor = openPredictor(trained, models);
    open.set(key, predictor);
    predictor.catch(() => open.delete(key));
    return predictor;
  }

  return async ({ campaign, round, materials }: PredictRequest, { signal }: Partial<CallContext> = {}) => {
    if (materials.length > MATERIALS_MAX) {
      const problem = `materials has ${materials.length} entries; at most ${MATERIALS_MAX} are allowed`;
      throw new AppError('invalid_argument', `${problem}: ask for the others in calls of their own`);
    }
    const trained = await rounds.find(campaign, round);
    const predict = await predictorOf(trained);
    const predictions: Prediction[] = [];
    const left = materials.entries();
    // Each lane requests its next turn after its last one, so that calls alternate.
    const lane = async () => {
      for (const [i, message] of left) {
        predictions[i] = await turns.take(() => predictionOf(predict, featurizer, message), signal); // 1, 2
      }
    };
    await Promise.all(Array.from({ length: STRUCTURES_AT_A_TIME }, lane));
    return { round: trained.round.round, targets: trained.created.config.targets, predictions };
  };
}

async function openPredictor(
  { created, members }: TrainedRound,
  models: Pick<ModelStore, 'get'>,
): Promise<VectorPredictor> {
  const ensemble = await loadEnsemble(models, members, (model) => {
    return new AppError(
      'unavailable',
      `${model} of ${created.campaign} is not in the model store, which keeps the newest rounds: ask for one of them, or keep more (ELASTREAM_KEEP_MODELS)`,
    );
  });
  return createVectorPredictor(created.config, ensemble);
}

async function predictionOf(
  predict: VectorPredictor,
  featurizer: Pick<Featurizer, 'featurize'>,
  message: Material,
): Promise<Prediction> {
  const { id: materialId } = message;
  const refused = (refusal: Prediction['refusal']) => ({ materialId, mean: [], standardDeviation: [], refusal });
  try {
    const featurization = await featurizer.featurize(fromMaterialMessage(message, 'material'));
    if ('refusal' in featurization) return refused(featurization.refusal);
    const { mean, standardDeviation } = predict(featurization.vector);
    const first = (columns: readonly Float64Array[]) => columns.map((column) => column[0]!);
    return { materialId, mean: first(mean), standardDeviation: first(standardDeviation), refusal: undefined };
  } catch (error) {
    if (!(error instanceof RejectedInput)) throw error;
    return refused({ code: error.code, message: error.message });
  }
}
