import type { FeatureGroup } from '../featurizers/feature-schema.ts';
import type { UncertaintyMetrics } from '../learning/acquisition/uncertainty-metrics.ts';
import type { StrategyName } from '../learning/campaign/campaign-config.ts';
import type { CalculationOutcome } from '../learning/campaign/campaign-events.ts';
import type { Target } from '../model/target.ts';

/** All that the report of a campaign shows. Numbers may be NaN where they are not known; the report then says so. */
export interface ReportModel {
  /** The campaign's name. */
  readonly name: string;
  /** ISO 8601. */
  readonly generatedAt: string;
  readonly elastreamVersion: string;
  /** The labels come from a formula and not from DFT. */
  readonly simulated: boolean;
  /** `running`, `stopped: labels` */
  readonly status: string;
  readonly targets: readonly Target[];
  /** Seed, members, strategy, batch, features, sampling model, stop rule. */
  readonly settings: readonly ReportRow[];
  /** Materials, labels, test set, pool, what was filtered out and why, what was rejected by code. */
  readonly data: readonly ReportRow[];
  /** One, or several that are compared: the same campaign under different strategies or seeds. */
  readonly arms: readonly ReportArm[];
  /** Whom to cite for the data; one source each. */
  readonly credits: readonly string[];
}

export type ReportRow = readonly [label: string, value: string];

export interface ReportArm {
  readonly name: string;
  readonly strategy: StrategyName;
  readonly seed: number;
  readonly stopReason?: string;
  /** The latest round was trained, but its models are lost or damaged: parity and importances are then empty. */
  readonly modelsMissing?: boolean;
  /** Ascending; those whose metrics are known. */
  readonly rounds: readonly RoundRow[];
  /** Of the latest round. */
  readonly parity: ByTarget<readonly ParityPoint[]>;
  readonly uncertainty: ByTarget<UncertaintyHistogram>;
  /** Of the latest round's models, largest first. */
  readonly importances: ByTarget<readonly FeatureImportance[]>;
}

export type ByTarget<T> = Readonly<Partial<Record<Target, T>>>;

export interface RoundRow {
  readonly round: number;
  /** Labels that the round trains on. */
  readonly labels: number;
  /** Labels that the campaign acquired before the round. */
  readonly added: number;
  readonly seconds?: number;
  readonly metrics: readonly MetricsRow[];
  /** How far STDEV and intervals were right; absent where an older version measured. */
  readonly uncertainty?: readonly UncertaintyMetrics[];
  /** Best first; empty in a last round, which only measures. */
  readonly selected: readonly SelectedRow[];
}

export interface MetricsRow {
  readonly target: Target;
  readonly subset: 'candidates' | 'test';
  /** Rows with a known truth. */
  readonly count: number;
  /** Of the ensemble's mean, GPa. */
  readonly mae: number;
  readonly rmse: number;
  readonly r2: number;
  /** Population STDEV of the members' own MAE, GPa. */
  readonly maeStandardDeviation: number;
  readonly memberMae: number;
  readonly memberR2: number;
  readonly memberR2StandardDeviation: number;
}

export function metricsOf({ metrics }: RoundRow, target: Target, subset: MetricsRow['subset']): MetricsRow | undefined {
  return metrics.find((row) => row.target === target && row.subset === subset);
}

export interface SelectedRow {
  /** From 1. */
  readonly rank: number;
  readonly materialId: string;
  readonly formula?: string;
  readonly score: number;
  /** In the order of the model's targets, GPa. */
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
  readonly outcome: CalculationOutcome | 'pending';
  readonly actual?: readonly number[];
  /** ISO 8601, of the outcome. */
  readonly at?: string;
}

export interface ParityPoint {
  readonly materialId: string;
  readonly formula?: string;
  /** GPa. */
  readonly actual: number;
  readonly mean: number;
  readonly standardDeviation: number;
  readonly set: 'candidates' | 'test';
}

/** STDEV over the members, counted over the candidates; bins from 0, the last one open. */
export interface UncertaintyHistogram {
  readonly binGpa: number;
  readonly first: readonly number[];
  /** Equal to `first` where there was one round. */
  readonly last: readonly number[];
}

export interface FeatureImportance {
  readonly feature: string;
  readonly unit?: string;
  /** What it is, in plain words. */
  readonly meaning?: string;
  readonly group: FeatureGroup;
  /** Share of the total gain, 0 to 1. */
  readonly gainShare: number;
}
