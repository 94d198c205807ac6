import { AppError } from '../../src/model/app-error.ts';
import { RejectedInput } from '../../src/model/rejection.ts';
import type { ModelStore } from '../../src/ports/model-store.ts';
import type { Material } from '../../src/protocol/generated/elastream/v1/events.generated.ts';
import type { Gateway, Prediction } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { fromMaterialMessage } from '../../src/protocol/material-message.ts';
import { createEnsemblePredictor, type EnsemblePredictor, loadEnsemble } from '../../src/runtime/ensemble-predictor.ts';
import type { ServicePorts } from '../../src/runtime/service.ts';
import { createTrainedRounds, type TrainedRound } from './trained-rounds.ts';

export interface PredictionParts {
  readonly ports: ServicePorts;
  readonly models: Pick<ModelStore, 'get'>;
}

/** An ensemble of 20 members takes some tens of megabytes. */
const OPEN_ENSEMBLES_MAX = 4;
/** A structure takes some milliseconds: between so many, other calls have their turn. */
const MATERIALS_PER_TURN = 4;

/** Predicts materials that are in no campaign, by a campaign's models. */
export function createPredictions({ ports, models }: PredictionParts): Gateway['Predict'] {
  const rounds = createTrainedRounds(ports.log, ports.topics);
  /** By campaign and round, the one that was used last at the end. */
  const open = new Map<string, Promise<EnsemblePredictor>>();

  function predictorOf(trained: TrainedRound): Promise<EnsemblePredictor> {
    const key = `${trained.created.campaign} ${trained.round}`;
    const predictor = open.get(key) ?? openPredictor(trained, models);
    open.delete(key);
    open.set(key, predictor);
    predictor.catch(() => open.delete(key));
    for (const [oldest] of [...open].slice(0, -OPEN_ENSEMBLES_MAX)) open.delete(oldest);
    return predictor;
  }

  return async ({ campaign, round, materials }) => {
    const trained = await rounds.find(campaign, round);
    const predictor = await predictorOf(trained);
    const predictions: Prediction[] = [];
    for (const [i, material] of materials.entries()) {
      if (i % MATERIALS_PER_TURN === 0) await ports.clock.sleep(0);
      predictions.push(predictionOf(predictor, material));
    }
    return { round: trained.round, targets: trained.created.config.targets, predictions };
  };
}

async function openPredictor(
  { created, members }: TrainedRound,
  models: Pick<ModelStore, 'get'>,
): Promise<EnsemblePredictor> {
  const ensemble = await loadEnsemble(models, members, (model) => {
    return new AppError(
      'unavailable',
      `${model} of ${created.campaign} is not in the model store, which keeps the newest rounds: ask for one of them, or keep more (ELASTREAM_KEEP_MODELS)`,
    );
  });
  return createEnsemblePredictor(created.config, ensemble);
}

function predictionOf(predict: EnsemblePredictor, message: Material): Prediction {
  const { id: materialId } = message;
  try {
    const { mean, standardDeviation } = predict(fromMaterialMessage(message, 'material'));
    const first = (columns: readonly Float64Array[]) => columns.map((column) => column[0]!);
    const numbers = { mean: first(mean), standardDeviation: first(standardDeviation) };
    return { materialId, ...numbers, refusal: undefined };
  } catch (error) {
    if (!(error instanceof RejectedInput)) throw error;
    const { code, message: reason } = error;
    return { materialId, mean: [], standardDeviation: [], refusal: { code, message: reason } };
  }
}
