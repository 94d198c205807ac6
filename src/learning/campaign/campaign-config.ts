import type { FeatureSet } from '../../featurizers/feature-schema.ts';
import { AppError } from '../../model/app-error.ts';
import type { BoosterConfig } from '../../model/booster-config.ts';
import type { AcceptedLabels } from '../../model/label.ts';
import { knownTarget, type Target, type TargetDefinition } from '../../model/target.ts';
import type { CandidateFilters, DataFilters } from '../data/data-filters.ts';
import type { SamplingModel } from '../ensemble/sampling-model.ts';

export const STRATEGY_NAMES = ['exploration', 'random', 'greedy'] as const;
export type StrategyName = (typeof STRATEGY_NAMES)[number];

/** A campaign as decided at its creation: complete (no defaults left to apply), checked, frozen. */
export interface CampaignConfig {
  readonly name: string;
  /** Every draw of the campaign derives from it. */
  readonly seed: number;
  readonly data: readonly DataSource[];
  /** Most trusted first. What the campaign reveals itself is always accepted, before all others. */
  readonly labels: readonly AcceptedLabels[];
  readonly dataFilters: DataFilters;
  readonly candidates: CandidateSource;
  readonly candidateFilters: CandidateFilters;
  readonly features: FeatureSet;
  readonly targets: readonly Target[];
  /** Of the targets that do not mean the same everywhere; absent where there are none. */
  readonly targetDefinitions?: readonly TargetDefinition[];
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

/** `data`: labelled materials whose labels are hidden, drawn by hash(seed, id). `files`: structures without a label. */
export type CandidateSource =
  | { readonly from: 'data'; readonly count: number; readonly element?: string }
  | { readonly from: 'data'; readonly fraction: number; readonly element?: string }
  | { readonly from: 'files'; readonly paths: readonly string[] };

interface SamplingSettings {
  readonly model: SamplingModel;
  /** Share of the labelled materials that only ever measures. */
  readonly testFraction: number;
  /** Share of the remaining labels that a member does not train on. */
  readonly holdOutFraction: number;
  /** Whether labels that the campaign acquired are exempt from holding out. */
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

/** Whichever comes first; an empty pool stops every campaign. */
export interface StopRule {
  /** Labels acquired. */
  readonly labels?: number;
  /** Rounds that select; one more follows that trains on everything and only measures. */
  readonly rounds?: number;
}

/** `replay` and `simulated` can be told to misbehave, each chance drawn by hash(seed, calculation id). */
export interface CalculatorSettings {
  readonly kind: 'replay' | 'simulated';
  readonly failureRate: number;
  readonly neverReturningRate: number;
  readonly delaySeconds: number;
  readonly attempts: number;
  readonly expireAfterSeconds: number;
}

/** What a campaign means by one of its targets. */
export function definitionOf({ targetDefinitions }: CampaignConfig, target: Target): TargetDefinition {
  const definition = knownTarget(target) ?? targetDefinitions?.find(({ name }) => name === target);
  if (definition !== undefined) return definition;
  throw new AppError('internal', `the campaign predicts ${target} and does not say what that is`);
}
