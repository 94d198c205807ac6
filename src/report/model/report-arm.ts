import { featureMeaning } from '../../featurizers/feature-meaning.ts';
import { ALL_FEATURES, featureIndices } from '../../featurizers/feature-schema.ts';
import { featureImportances } from '../../kernels/tree-ensemble/importances.ts';
import { STANDARD_DEVIATION_BIN_GPA } from '../../learning/acquisition/score-aggregates.ts';
import type { CampaignConfig } from '../../learning/campaign/campaign-config.ts';
import type { EnsembleModels } from '../../learning/ensemble/predict-rows.ts';
import { predictedRows } from '../../learning/ensemble/predicted-rows.ts';
import type { Target } from '../../model/target.ts';
import {
  acquiredBefore,
  type CampaignHistory,
  type RoundHistory,
  roundSeconds,
  trainingLabelCount,
} from '../../reading/campaign-history.ts';
import type { ByTarget, FeatureImportance, ParityPoint, ReportArm, RoundRow, SelectedRow } from '../report-model.ts';
import type { ReportedCampaign } from './reported-campaign.ts';

const IMPORTANCES_MAX = 25;

/** Those whose metrics are known; the last of them is the one whose models a report looks at. */
export function measuredRounds({ rounds }: CampaignHistory): RoundHistory[] {
  return rounds.filter(({ selected }) => selected !== undefined);
}

/** What a report shows of one campaign; without the models of its last measured round, all but what only they can tell. */
export function reportArm(reading: ReportedCampaign, models: EnsembleModels | undefined): ReportArm {
  const { history } = reading;
  const { acquisition } = history.created.config;
  const measured = measuredRounds(history);
  const latest = measured.at(-1);
  return {
    name: acquisition.strategy,
    strategy: acquisition.strategy,
    seed: history.created.config.seed,
    ...(history.stopped !== undefined && { stopReason: history.stopped }),
    rounds: measured.map((round) => roundRow(reading, round)),
    uncertainty: uncertaintyOf(reading, measured),
    ...(latest && !models && { modelsMissing: true }),
    parity: latest && models ? parityOf(reading, latest, models) : {},
    importances: models ? importancesOf(history.created.config, models) : {},
  };
}

function roundRow(reading: ReportedCampaign, round: RoundHistory): RoundRow {
  const { history } = reading;
  const { metrics, candidates, uncertainty } = round.selected!;
  const seconds = roundSeconds(round);
  return {
    round: round.round,
    labels: trainingLabelCount(round),
    added: acquiredBefore(history, round.round),
    ...(seconds !== undefined && { seconds }),
    metrics,
    ...(uncertainty && { uncertainty: uncertainty.metrics }),
    selected: candidates.map((_, place) => selectedRow(reading, round, place)),
  };
}

function selectedRow(
  { history, catalogue, ending }: ReportedCampaign,
  round: RoundHistory,
  place: number,
): SelectedRow {
  const { materialId, materialHash, calculationId, score, mean, standardDeviation } =
    round.selected!.candidates[place]!;
  const facts = catalogue.version(materialId, materialHash)?.facts;
  const outcome = round.outcomes?.[place] ?? 'pending';
  const ended = outcome === 'pending' ? undefined : ending(calculationId);
  const at = outcome === 'pending' ? undefined : (ended?.at ?? round.closedAt);
  const values = ended?.label?.values;
  const { targets } = history.created.config;
  return {
    rank: place + 1,
    materialId,
    score,
    mean,
    standardDeviation,
    outcome,
    ...(facts && { formula: facts.reducedFormula }),
    ...(values && { actual: targets.map((target) => values[target] ?? Number.NaN) }),
    ...(at !== undefined && { at }),
  };
}

function uncertaintyOf({ history }: ReportedCampaign, measured: readonly RoundHistory[]): ReportArm['uncertainty'] {
  return byTarget(history.created.config.targets, (target) => {
    const counts = (round: RoundHistory | undefined) =>
      round?.selected?.metrics.find((row) => row.target === target && row.subset === 'candidates')
        ?.standardDeviationHistogram ?? [];
    return { binGpa: STANDARD_DEVIATION_BIN_GPA, first: counts(measured[0]), last: counts(measured.at(-1)) };
  });
}

function parityOf(reading: ReportedCampaign, round: RoundHistory, models: EnsembleModels): ReportArm['parity'] {
  const { targets } = reading.history.created.config;
  const points = targets.map((): ParityPoint[] => []);
  for (const row of predictedRows(reading.history.created.config, reading.contents(round), models)) {
    const { facts, set, mean, standardDeviation } = row;
    if (set === 'reserve') continue;
    for (const [t, target] of targets.entries()) {
      const actual = row.actual[target];
      if (actual === undefined) continue;
      const what = { materialId: facts.materialId, formula: facts.reducedFormula, set };
      points[t]!.push({ ...what, actual, mean: mean[t]!, standardDeviation: standardDeviation[t]! });
    }
  }
  return byTarget(targets, (_, t) => points[t]!);
}

/** Of all members together: the sum of their gains. */
export function importancesOf(
  { features: set, targets }: Pick<CampaignConfig, 'features' | 'targets'>,
  models: EnsembleModels,
): ReportArm['importances'] {
  const columns = featureIndices(set);
  return byTarget(targets, (_, t) => {
    const gain = new Float64Array(columns.length);
    for (const member of models) {
      featureImportances(member[t]!).gain.forEach((value, column) => {
        gain[column]! += value;
      });
    }
    const total = gain.reduce((sum, value) => sum + value, 0);
    const features = Array.from(gain, (value, column): FeatureImportance => {
      const { label, unit, group } = ALL_FEATURES[columns[column]!]!;
      const meaning = featureMeaning(label);
      return { feature: label, unit, ...(meaning !== undefined && { meaning }), group, gainShare: value / total };
    });
    const useful = features.filter(({ gainShare }) => gainShare > 0);
    return useful.sort((a, b) => b.gainShare - a.gainShare).slice(0, IMPORTANCES_MAX);
  });
}

function byTarget<T>(targets: readonly Target[], of: (target: Target, index: number) => T): ByTarget<T> {
  return Object.fromEntries(targets.map((target, t) => [target, of(target, t)]));
}
