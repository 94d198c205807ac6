import type { FeatureSet } from '../../featurizers/feature-schema.ts';
import { AppError } from '../../model/app-error.ts';
import type { BoosterConfig } from '../../model/booster-config.ts';
import type { AcceptedLabels } from '../../model/label.ts';
import type { MishapRates } from '../../model/recipe.ts';
import { knownTarget, type Target, type TargetDefinition } from '../../model/target.ts';
import type { CandidateFilters, DataFilters } from '../data/data-filters.ts';
import type { SamplingModel } from '../ensemble/sampling-model.ts';

export const STRATEGY_NAMES = ['exploration', 'random', 'greedy'] as const satisfies StrategyName[];
export type StrategyName = AcquisitionSettings['strategy'];

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

/** Where labelled materials come from: a kind is a member of this union, and whoever opens sources takes each kind. */
export type DataSource = FileData;

/** Files and folders of a form that the file source reads. */
interface FileData {
  readonly kind: 'file';
  readonly path: string;
  /** Where its labels belong. */
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

/** How a round chooses; each strategy has parameters of its own beside those of all. */
export type AcquisitionSettings = ExplorationSettings | RandomSettings | GreedySettings;

interface BatchSettings {
  readonly batch: number;
  readonly weights: Readonly<Partial<Record<Target, number>>>;
}

interface ExplorationSettings extends BatchSettings {
  readonly strategy: 'exploration';
}

interface RandomSettings extends BatchSettings {
  readonly strategy: 'random';
}

interface GreedySettings extends BatchSettings {
  readonly strategy: 'greedy';
}

/** Whichever comes first; an empty pool stops every campaign. */
export interface StopRule {
  /** Labels acquired. */
  readonly labels?: number;
  /** Rounds that select; one more follows that trains on everything and only measures. */
  readonly rounds?: number;
}

/** Who calculates; each kind has settings of its own beside those of all. */
export type CalculatorSettings = ReplaySettings | SimulatedSettings;

/** How long the campaign tries, whoever calculates. */
interface Patience {
  readonly attempts: number;
  readonly expireAfterSeconds: number;
}

/** Reveals labels that are known. */
interface ReplaySettings extends Patience {
  readonly kind: 'replay';
  readonly mishaps: MishapRates;
}

/** Makes labels up. */
interface SimulatedSettings extends Patience {
  readonly kind: 'simulated';
  readonly mishaps: MishapRates;
}

/** What a campaign means by one of its targets. */
export function definitionOf({ targetDefinitions }: CampaignConfig, target: Target): TargetDefinition {
  const definition = knownTarget(target) ?? targetDefinitions?.find(({ name }) => name === target);
  if (definition !== undefined) return definition;
  throw new AppError('internal', `the campaign predicts ${target} and does not say what that is`);
}
