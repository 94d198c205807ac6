import { type CalibratedEstimate, calibratedEstimate } from '../learning/acquisition/calibrated-estimate.ts';
import { groupsOf } from '../learning/acquisition/measured-row.ts';
import { definitionOf, transformsOf } from '../learning/campaign/campaign-config.ts';
import {
  type DerivedProperties,
  derivedProperties,
  type Estimate,
  estimateOf,
} from '../learning/ensemble/derived-properties.ts';
import { createTrainingDomain, type DomainFinding } from '../learning/ensemble/training-domain.ts';
import { AppError } from '../model/app-error.ts';
import { compositionOf, reducedFormula } from '../model/composition.ts';
import type { Material } from '../model/material.ts';
import type { Target } from '../model/target.ts';
import type { EventLogReader } from '../ports/event-log.ts';
import type { ModelName, ModelStore } from '../ports/model-store.ts';
import { createEnsemblePredictor } from '../runtime/ensemble-predictor.ts';
import { readHistories } from './campaign-history.ts';
import { TOPICS } from './campaign-log.ts';
import { loadModels, modelColumns, readCampaignData, readTrained } from './campaign-reading.ts';
import { chooseCampaign } from './chosen-campaign.ts';
import { type Explanation, explanationOf } from './explanation.ts';
import type { TrainedRound } from './trained-round.ts';

export interface StructurePrediction {
  readonly id: string;
  readonly formula: string;
  /** Of the campaign's targets, GPa. */
  readonly targets: ReadonlyMap<Target, Estimate>;
  /** The same calibrated by the campaign's reserve; empty without one. */
  readonly calibrated: ReadonlyMap<Target, CalibratedEstimate>;
  /** Absent where the campaign predicts one of G and K only, or where they are no stable solid's. */
  readonly derived?: DerivedProperties;
  readonly domain: DomainFinding;
  /** By target, where it is asked for. */
  readonly explanation?: ReadonlyMap<Target, Explanation>;
}

/** A campaign's ensemble, ready to predict. */
export interface Predictor {
  readonly campaign: string;
  readonly round: number;
  readonly members: number;
  /** Labels that it was trained on, and how many of them no DFT has calculated. */
  readonly labels: number;
  readonly simulated: number;
  /** The probability with which intervals are to hold; undefined where the round is not calibrated. */
  readonly intervalLevel?: number;
  /** @throws RejectedInput where the structure cannot be featurized */
  predict(material: Material): StructurePrediction;
}

interface PredictorOptions {
  /** Of the intervals. */
  readonly level: number;
  /** What each column adds to a model's prediction; absent if nobody asks why. */
  readonly contributions?: (modelText: string, row: Float64Array) => Float64Array;
}

/**
 * The ensemble of the campaign's latest round that is trained.
 * @throws AppError `invalid_argument` where there is no such campaign, or nothing is trained yet; `input_unreadable`
 */
export async function openPredictor(
  log: EventLogReader,
  openModels: () => ModelStore,
  name: string | undefined,
  { level, contributions }: PredictorOptions,
): Promise<Predictor> {
  const history = chooseCampaign(await readHistories(log, TOPICS), name);
  const trained = await readTrained(log, history);
  const { campaign, config } = history.created;
  if (trained === undefined) {
    throw new AppError('invalid_argument', `campaign ${campaign} has no trained round yet: let it run on`);
  }
  const store = openModels();
  const loading = Promise.all([loadModels(store, trained.members), contributions ? modelTexts(store, trained) : []]);
  const [models, texts] = await loading.finally(() => store.close());
  const { training } = (await readCampaignData(log, history)).contents(trained.round);
  const predict = createEnsemblePredictor(config, models);
  const columns = modelColumns(history);
  const domainOf = createTrainingDomain(training, columns);
  const transforms = transformsOf(config);
  const explain = (vector: Float64Array) => {
    const row = Float64Array.from(columns, (index) => vector[index]!);
    const of = (_: Target, t: number) => texts.map((member) => contributions!(member[t]!, row));
    return new Map(
      config.targets.map((target, t) => [target, explanationOf(of(target, t), columns, vector, transforms[t]!)]),
    );
  };
  const calibrations = trained.round.selected?.uncertainty?.calibrations ?? [];
  return {
    campaign,
    round: trained.round.round,
    members: models.length,
    labels: training.length,
    simulated: training.filter(({ label }) => label.method.kind === 'simulated').length,
    ...(calibrations.length > 0 && { intervalLevel: level }),
    predict(material) {
      const { vector, byTarget } = predict(material);
      const composition = compositionOf(material.structure);
      const elements = Uint8Array.from(composition.atomicNumbers);
      const domain = domainOf(elements, vector);
      const found = estimates(config.targets, byTarget);
      const group = groupsOf(config, () => domain)({ elements }, vector);
      const calibrated = [...found.targets].flatMap(([target, estimate]) => {
        const { transform } = definitionOf(config, target);
        const made = calibratedEstimate(estimate, calibrations, { target, group, level, transform });
        return made ? [[target, made] as const] : [];
      });
      const formula = reducedFormula(composition);
      const explanation = contributions && { explanation: explain(vector) };
      return { id: material.id, formula, ...found, calibrated: new Map(calibrated), domain, ...explanation };
    },
  };
}

/** By member, then by target; the models are there, since they have just been loaded. */
function modelTexts(store: ModelStore, { members }: TrainedRound): Promise<string[][]> {
  const textOf = async (model: string) => new TextDecoder().decode((await store.get(model as ModelName))!);
  return Promise.all(members.map(({ targets }) => Promise.all(targets.map(({ model }) => textOf(model)))));
}

function estimates(
  of: readonly Target[],
  byTarget: readonly Float64Array[],
): Pick<StructurePrediction, 'targets' | 'derived'> {
  const values = new Map(of.map((target, t) => [target, [...byTarget[t]!]]));
  const targets = new Map([...values].map(([target, members]) => [target, estimateOf(members)]));
  const [shear, bulk] = [values.get('g_vrh'), values.get('k_vrh')];
  if (shear === undefined || bulk === undefined) return { targets };
  const derived = derivedProperties(shear.map((g, m) => ({ shear: g, bulk: bulk[m]! })));
  return { targets, ...(derived && { derived }) };
}
