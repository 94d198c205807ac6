import type { FeatureSet } from '../../featurizers/feature-schema.ts';
import { AppError } from '../../model/app-error.ts';
import type { BoosterConfig, BoosterKind } from '../../model/booster-config.ts';
import type { Execution } from '../../model/execution.ts';
import type { AcceptedLabels, LabelMethod } from '../../model/label.ts';
import type { EspressoRecipe, MishapRates, StructureFormat } from '../../model/recipe.ts';
import type { TableOptions } from '../../model/table-options.ts';
import { knownTarget, type Target, type TargetDefinition, type TargetTransform } from '../../model/target.ts';
import type { CandidateFilters, DataFilters } from '../data/data-filters.ts';
import type { SamplingModel } from '../ensemble/sampling-model.ts';

export type StrategyName = AcquisitionSettings['strategy'];
/** Strategies that need no settings of their own, so that any campaign can be compared with them. */
export const COMPARED_STRATEGIES = [
  'exploration',
  'random',
  'greedy',
  'ucb',
  'ei',
  'pi',
  'thompson',
] as const satisfies StrategyName[];
export type ComparedStrategy = (typeof COMPARED_STRATEGIES)[number];

export const BETA_DEFAULT = 1;
export const XI_DEFAULT = 0;

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
  /** Definitions of the targets that only this campaign knows, or of which it learns the logarithm; absent if there are none. */
  readonly targetDefinitions?: readonly TargetDefinition[];
  readonly sampling: SamplingSettings;
  readonly ensemble: EnsembleSettings;
  readonly acquisition: AcquisitionSettings;
  readonly stop: StopRule;
  readonly calculator: CalculatorSettings;
}

/** A source of labelled materials. Each kind of source is a member of this union. */
export type DataSource = FileData;

/** A file or folder that the file source can read; of a table also what the user says of it. */
interface FileData extends TableOptions {
  readonly kind: 'file';
  readonly path: string;
  /** The label set of its labels. */
  readonly labelSet: string;
}

/**
 * `data`: labelled materials whose labels are hidden, drawn by hash(seed, id): of those with `element`, or those with
 * `first` before all others. `files`: structures without labels.
 */
export type CandidateSource =
  | ({ readonly from: 'data'; readonly count: number } & DrawnElements)
  | ({ readonly from: 'data'; readonly fraction: number } & DrawnElements)
  | { readonly from: 'files'; readonly paths: readonly string[] };

interface DrawnElements {
  readonly element?: string;
  readonly first?: string;
}

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

export interface EnsembleSettings {
  readonly members: number;
  readonly booster: BoosterConfig;
  /** By target, in what its members differ, in turn: member m is of kind m mod n. Absent if all are alike. */
  readonly kinds?: Readonly<Record<Target, readonly BoosterKind[]>>;
}

/** How a round selects its batch. Each strategy has its own parameters, and all have those of `BatchSettings`. */
export type AcquisitionSettings =
  | ExplorationSettings
  | RandomSettings
  | GreedySettings
  | ConfidenceBoundSettings
  | ImprovementSettings
  | ThompsonSettings
  | ParetoSettings
  | RangeSettings;

interface BatchSettings {
  readonly batch: number;
  readonly weights: Readonly<Partial<Record<Target, number>>>;
  /** Of so many times the batch, those are calculated that lie far apart; absent if the best are. */
  readonly diversity?: number;
  /** What the values should satisfy, whatever else is wanted; absent if nothing. */
  readonly constraints?: Ranges;
}

/** Limits of values by target, in its unit; a limit that is absent is none. */
export type Ranges = Readonly<Partial<Record<Target, { readonly low?: number; readonly high?: number }>>>;

export interface ExplorationSettings extends BatchSettings {
  readonly strategy: 'exploration';
  /** Whether the STDEV counts in units of the prediction; absent if in those of the labels' STDEV. */
  readonly spread?: 'relative';
}

interface RandomSettings extends BatchSettings {
  readonly strategy: 'random';
}

/** Whether the largest or the smallest values are wanted; absent for the largest. */
interface Directed {
  readonly goal?: 'min';
}

/** How several targets become one number; absent for their sum. */
interface Combined extends Directed {
  readonly combine?: 'max';
}

interface GreedySettings extends BatchSettings, Combined {
  readonly strategy: 'greedy';
}

/** Upper confidence bound; with `goal: min`, the lower one. */
export interface ConfidenceBoundSettings extends BatchSettings, Combined {
  readonly strategy: 'ucb';
  /** What one STDEV counts for beside the mean. */
  readonly beta: number;
}

/** Expected improvement, probability of improvement. */
export interface ImprovementSettings extends BatchSettings, Combined {
  readonly strategy: 'ei' | 'pi';
  /** How much better than the best label counts as an improvement, in STDEVs of the labels. */
  readonly xi: number;
}

/** Each place of a batch is the choice of one member. */
export interface ThompsonSettings extends BatchSettings, Combined {
  readonly strategy: 'thompson';
}

/** Good in two targets at once. */
export interface ParetoSettings extends BatchSettings, Directed {
  readonly strategy: 'pareto';
}

/** Values within limits. */
interface RangeSettings extends BatchSettings {
  readonly strategy: 'range';
  readonly ranges: Ranges;
}

/** The same batches by another strategy, with the defaults of its own settings. */
export function otherStrategy(settings: AcquisitionSettings, strategy: ComparedStrategy): AcquisitionSettings {
  const { batch, weights, diversity, constraints } = settings;
  const common = { batch, weights, ...(diversity && { diversity }), ...(constraints && { constraints }) };
  switch (strategy) {
    case 'ucb':
      return { ...common, strategy, beta: BETA_DEFAULT };
    case 'ei':
    case 'pi':
      return { ...common, strategy, xi: XI_DEFAULT };
    default:
      return { ...common, strategy };
  }
}

/** The campaign stops at the limit that it reaches first; an empty pool stops every campaign. */
export interface StopRule {
  /** The number of labels to acquire. */
  readonly labels?: number;
  /** The number of rounds that select; one more round trains on everything and only measures. */
  readonly rounds?: number;
  /** Limits below which a figure of the round's models must fall, for all targets that are named; see stop-figures.ts. */
  readonly below?: Readonly<Partial<Record<Threshold, Readonly<Partial<Record<Target, number>>>>>>;
  /** The probability with which limits of the reserve's errors are to hold in all rounds; absent without such a rule. */
  readonly confidence?: number;
  /** The share of errors that is meant by `errors`; absent without that rule. */
  readonly errorShare?: number;
  /** Rounds without a better label. */
  readonly unimprovedRounds?: number;
}

export type Threshold = 'mae' | 'errors' | 'gain' | 'uncertainty';

/** The calculator of a campaign. Each kind has its own settings, and all have those of `Patience`. */
export type CalculatorSettings = ProgramSettings | ManualSettings | CommandSettings | EspressoSettings;
/** Of calculators that only rehearse. */
export type ProgramSettings = ReplaySettings | SimulatedSettings;

/** How long the campaign tries; all calculators have these settings. */
interface Patience {
  readonly attempts: number;
  /** A round closes once so many of its calculations have a label; absent: it waits for all of them. */
  readonly minResults?: number;
  /** A round closes after so long, whatever has a label by then; absent: it waits until all have ended. */
  readonly maxWaitSeconds?: number;
  readonly expireAfterSeconds: number;
}

/** Of calculators that may take weeks. */
interface LongPatience extends Omit<Patience, 'expireAfterSeconds'> {
  /** Absent: it is waited for as long as it takes. */
  readonly expireAfterSeconds?: number;
}

/** People calculate, and tell what came of it. */
interface ManualSettings extends LongPatience {
  readonly kind: 'manual';
  /** How they calculate: the method of their labels. */
  readonly method: LabelMethod;
}

/** What all calculators that start programs have. */
interface ProgramRunSettings extends LongPatience {
  /** Where programs run, and with what limits. */
  readonly execution: Omit<Execution, 'campaign'>;
}

/** Any program that reads a structure and writes moduli. */
interface CommandSettings extends ProgramRunSettings {
  readonly kind: 'command';
  readonly argv: readonly string[];
  readonly structure: StructureFormat;
  /** The method of its labels. */
  readonly method: LabelMethod;
}

/** Elastic tensors by Quantum ESPRESSO. */
export interface EspressoSettings extends ProgramRunSettings, Omit<EspressoRecipe, 'procedure'> {}

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

/** The settings of one member's booster of a target. */
export function boosterOf({ booster, kinds }: EnsembleSettings, member: number, target: Target): BoosterConfig {
  const ofTarget = kinds?.[target];
  return ofTarget === undefined ? booster : { ...booster, ...ofTarget[member % ofTarget.length] };
}

/** The definition of one of the campaign's targets. */
export function definitionOf(
  { targetDefinitions }: Pick<CampaignConfig, 'targetDefinitions'>,
  target: Target,
): TargetDefinition {
  const own = targetDefinitions?.find(({ name }) => name === target);
  const definition = own ?? knownTarget(target);
  if (definition !== undefined) return definition;
  throw new AppError('internal', `the campaign predicts ${target} and does not say what that is`);
}

/** By target, whether models learn its values or their logarithm. */
export function transformsOf(config: Pick<CampaignConfig, 'targets' | 'targetDefinitions'>): TargetTransform[] {
  return config.targets.map((target) => definitionOf(config, target).transform);
}
