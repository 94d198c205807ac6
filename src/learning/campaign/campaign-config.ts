import type { FeatureSet } from '../../featurizers/feature-schema.ts';
import type { BoosterConfig } from '../../model/booster-config.ts';
import type { AcceptedLabels, Target } from '../../model/label.ts';
import type { CandidateFilters, DataFilters } from '../data/data-filters.ts';
import type { SamplingModel } from '../ensemble/sampling-model.ts';

export const STRATEGY_NAMES = ['exploration', 'random', 'greedy'] as const;
export type StrategyName = (typeof STRATEGY_NAMES)[number];

/** The settings of a campaign, fixed at its creation: complete (all defaults applied), checked, frozen. */
export interface CampaignConfig {
  readonly name: string;
  /** Every random draw of the campaign derives from it. */
  readonly seed: number;
  readonly data: readonly DataSource[];
  /** The most trusted label set first. Labels that the campaign reveals itself are accepted before all others. */
  readonly labels: readonly AcceptedLabels[];
  readonly dataFilters: DataFilters;
  readonly candidates: CandidateSource;
  readonly candidateFilters: CandidateFilters;
  readonly features: FeatureSet;
  readonly targets: readonly Target[];
  readonly sampling: SamplingSettings;
  readonly ensemble: EnsembleSettings;
  readonly acquisition: AcquisitionSettings;
  readonly stop: StopRule;
  readonly calculator: CalculatorSettings;
}

interface DataSource {
  readonly path: string;
  readonly labelSet: string;
}

/** `data`: labelled materials whose labels are hidden, drawn by hash(seed, id). `files`: structures without labels. */
export type CandidateSource =
  | { readonly from: 'data'; readonly count: number; readonly element?: string }
  | { readonly from: 'data'; readonly fraction: number; readonly element?: string }
  | { readonly from: 'files'; readonly paths: readonly string[] };

interface SamplingSettings {
  readonly model: SamplingModel;
  /** The fraction of the labelled materials that is used for measuring only. */
  readonly testFraction: number;
  /** The fraction of the remaining labels that a member holds out. */
  readonly holdOutFraction: number;
  /** Whether members train on all labels that the campaign acquired, instead of holding some out. */
  readonly trainAcquired: boolean;
}

interface EnsembleSettings {
  readonly members: number;
  readonly booster: BoosterConfig;
}

export interface AcquisitionSettings {
  readonly strategy: StrategyName;
  readonly batch: number;
  readonly weights: Readonly<Partial<Record<Target, number>>>;
}

/** The campaign stops at the limit that it reaches first; an empty pool stops every campaign. */
export interface StopRule {
  /** The number of labels to acquire. */
  readonly labels?: number;
  /** The number of rounds that select; one more round trains on everything and only measures. */
  readonly rounds?: number;
}

/** `replay` and `simulated` can misbehave on request; each chance is drawn by hash(seed, calculation id). */
export interface CalculatorSettings {
  readonly kind: 'replay' | 'simulated';
  readonly failureRate: number;
  readonly neverReturningRate: number;
  readonly delaySeconds: number;
  readonly attempts: number;
  readonly expireAfterSeconds: number;
}
