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
  /** Absent if the campaign has no reserve: then nothing calibrates its uncertainty. */
  readonly reserve?: ReserveSettings;
  readonly features: FeatureSet;
  readonly targets: readonly Target[];
  /** Definitions of the targets that only this campaign knows; absent if there are none. */
  readonly targetDefinitions?: readonly TargetDefinition[];
  readonly sampling: SamplingSettings;
  readonly ensemble: EnsembleSettings;
  readonly acquisition: AcquisitionSettings;
  readonly stop: StopRule;
  readonly calculator: CalculatorSettings;
}

/** A source of labelled materials. Each kind of source is a member of this union. */
export type DataSource = FileData;

/** A file or folder that the file source can read. */
interface FileData {
  readonly kind: 'file';
  readonly path: string;
  /** The label set of its labels. */
  readonly labelSet: string;
}

/** `data`: labelled materials whose labels are hidden, drawn by hash(seed, id). `files`: structures without labels. */
export type CandidateSource =
  | { readonly from: 'data'; readonly count: number; readonly element?: string }
  | { readonly from: 'data'; readonly fraction: number; readonly element?: string }
  | { readonly from: 'files'; readonly paths: readonly string[] };

/**
 * The random part that is drawn before round 1 and never chosen or trained on: of the candidates that `data` labels, or,
 * if the candidates are files, of the labelled materials outside the test set.
 */
type ReserveSettings = ReserveSize & {
  /** Materials that hold it are calibrated apart, if the reserve holds enough of them. */
  readonly focusElement?: string;
};

export type ReserveSize = { readonly count: number } | { readonly fraction: number };

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

/** How a round selects its batch. Each strategy has its own parameters, and all have those of `BatchSettings`. */
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

/** The campaign stops at the limit that it reaches first; an empty pool stops every campaign. */
export interface StopRule {
  /** The number of labels to acquire. */
  readonly labels?: number;
  /** The number of rounds that select; one more round trains on everything and only measures. */
  readonly rounds?: number;
}

/** The calculator of a campaign. Each kind has its own settings, and all have those of `Patience`. */
export type CalculatorSettings = ReplaySettings | SimulatedSettings;

/** How long the campaign tries; all calculators have these settings. */
interface Patience {
  readonly attempts: number;
  readonly expireAfterSeconds: number;
}

/** Reveals labels that are already known. */
interface ReplaySettings extends Patience {
  readonly kind: 'replay';
  readonly mishaps: MishapRates;
}

/** Makes labels up. */
interface SimulatedSettings extends Patience {
  readonly kind: 'simulated';
  readonly mishaps: MishapRates;
}

/** The definition of one of the campaign's targets. */
export function definitionOf({ targetDefinitions }: CampaignConfig, target: Target): TargetDefinition {
  const definition = knownTarget(target) ?? targetDefinitions?.find(({ name }) => name === target);
  if (definition !== undefined) return definition;
  throw new AppError('internal', `the campaign predicts ${target} and does not say what that is`);
}
