import type { z } from 'zod';
import type { CalculatorSettings, CampaignConfig, EspressoSettings } from '../learning/campaign/campaign-config.ts';
import { PAPER_CANDIDATE_FILTERS, PAPER_DATA_FILTERS } from '../learning/data/data-filters.ts';
import { PAPER_TRAIN_FROM_GPA, type SamplingModel } from '../learning/ensemble/sampling-model.ts';
import { BOOSTER_PRESETS, type BoosterConfig, type BoosterKind, presetKinds } from '../model/booster-config.ts';
import type { Execution, LauncherSettings } from '../model/execution.ts';
import { compareIds } from '../model/id-order.ts';
import type { LabelMethod } from '../model/label.ts';
import { knownTarget, MODULI, type TargetDefinition } from '../model/target.ts';
import { DEFAULT_STRATEGY } from './acquisition-schema.ts';
import type { CalculatorFile } from './calculator-schema.ts';
import type { CampaignFile } from './campaign-schema.ts';
import type { targetTable } from './learning-schema.ts';

/** The complete, plain configuration of a file that satisfies the schema. */
export function campaignConfigOf(file: CampaignFile): CampaignConfig {
  const { sampling: rows, ensemble } = file;
  return {
    name: file.name,
    seed: file.seed,
    data: file.data.map(({ label_set, length_unit, columns, ...data }) =>
      defined({ ...data, labelSet: label_set, lengthUnit: length_unit, columns: columns && defined(columns) }),
    ),
    labels: acceptedSets(file),
    dataFilters: dataFiltersOf(file.data_filters),
    candidates: defined(file.candidates) as CampaignConfig['candidates'],
    candidateFilters: candidateFiltersOf(file.candidate_filters),
    ...defined({ reserve: reserveOf(file) }),
    features: file.features,
    targets: targetNames(file).sort(compareIds),
    ...defined({ targetDefinitions: targetDefinitions(file) }),
    sampling: {
      model: samplingModel(file),
      testFraction: rows.test_fraction,
      holdOutFraction: rows.hold_out_fraction,
      trainAcquired: rows.train_acquired,
    },
    ensemble: { members: ensemble.members, ...boostersOf(file) },
    acquisition: {
      ...acquisitionOf(file.acquisition),
      weights: Object.fromEntries(targetNames(file).map((name) => [name, file.acquisition.weights[name] ?? 1])),
    },
    stop: stopRuleOf(file.stop),
    calculator: calculatorOf(file),
  };
}

/** What is at its first meaning is not recorded: older campaigns know it too. */
const FIRST_MEANINGS: Readonly<Record<string, unknown>> = { goal: 'max', combine: 'sum', spread: 'absolute' };

function acquisitionOf({ constraints, ...given }: CampaignFile['acquisition']): CampaignConfig['acquisition'] {
  const settings = Object.entries(given).filter(([key, value]) => FIRST_MEANINGS[key] !== value);
  const isConstrained = constraints !== undefined && Object.keys(constraints).length > 0;
  return defined({
    ...Object.fromEntries(settings),
    strategy: given.strategy ?? DEFAULT_STRATEGY,
    constraints: isConstrained ? constraints : undefined,
  }) as CampaignConfig['acquisition'];
}

/** A limit that is not used is not recorded, so that older campaigns keep their hash. */
function stopRuleOf(given: CampaignFile['stop']): CampaignConfig['stop'] {
  const { labels, rounds, unimproved_rounds: unimprovedRounds } = given;
  const tables = {
    mae: given.mae_below,
    errors: given.errors_below,
    gain: given.gain_below,
    uncertainty: given.uncertainty_below,
  };
  const below = Object.fromEntries(Object.entries(tables).filter(([, table]) => Object.keys(table ?? {}).length > 0));
  const isLimited = 'mae' in below || 'errors' in below;
  return defined({
    ...{ labels, rounds, unimprovedRounds },
    below: Object.keys(below).length > 0 ? below : undefined,
    confidence: isLimited ? given.confidence : undefined,
    errorShare: 'errors' in below ? given.error_share : undefined,
  });
}

export function targetNames({ targets }: Pick<CampaignFile, 'targets'>): string[] {
  return targets.map((given) => (typeof given === 'string' ? given : given.name));
}

/** Undefined if all targets are known ones, and learned as they are. */
function targetDefinitions({ targets }: CampaignFile): TargetDefinition[] | undefined {
  const own = targets.flatMap((given) => (typeof given === 'string' ? [] : definitionsOf(given)));
  return own.length > 0 ? own.sort((a, b) => compareIds(a.name, b.name)) : undefined;
}

function definitionsOf({ name, unit, transform }: z.output<typeof targetTable>): TargetDefinition[] {
  const known = knownTarget(name);
  if (known !== undefined) return transform === 'none' ? [] : [{ name, unit: known.unit, transform }];
  return [{ name, unit: unit ?? '', transform }];
}
type CalculatorOf<K> = Extract<CalculatorFile, { readonly kind: K }>;

function calculatorOf({ calculator }: CampaignFile): CalculatorSettings {
  const { attempts, expire_after_seconds: expireAfterSeconds } = calculator;
  const { min_results: minResults, max_wait_seconds: maxWaitSeconds } = calculator;
  if (calculator.kind === 'manual') {
    const { kind, method: by } = calculator;
    return defined({ kind, method: methodOf(by), attempts, expireAfterSeconds, minResults, maxWaitSeconds });
  }
  if (calculator.kind === 'command') {
    const { kind, argv, structure, method: by } = calculator;
    const execution = executionOf(calculator);
    return defined({
      kind,
      argv,
      structure,
      method: methodOf(by),
      execution,
      attempts,
      expireAfterSeconds,
      minResults,
      maxWaitSeconds,
    });
  }
  if (calculator.kind === 'espresso') {
    return defined({ ...espressoOf(calculator), attempts, expireAfterSeconds, minResults, maxWaitSeconds });
  }
  return {
    kind: calculator.kind,
    mishaps: {
      failureRate: calculator.failure_rate,
      neverReturningRate: calculator.never_returning_rate,
      delaySeconds: calculator.delay_seconds,
    },
    attempts: calculator.attempts,
    expireAfterSeconds: calculator.expire_after_seconds,
    ...defined({ minResults: calculator.min_results, maxWaitSeconds: calculator.max_wait_seconds }),
  };
}

function methodOf({ kind, code, functional, relaxed_ion: relaxedIon }: CalculatorOf<'manual'>['method']): LabelMethod {
  return defined({ kind, code, functional, relaxedIon });
}

function espressoOf(given: CalculatorOf<'espresso'>): Omit<EspressoSettings, 'attempts'> {
  const { kind, program, pseudopotentials: folder, sha256 = {}, cutoff_ry: cutoffRy } = given;
  return {
    ...{ kind, pseudopotentials: sha256, cutoffRy },
    kSpacing: given.k_spacing,
    smearingRy: given.smearing_ry,
    strains: given.strains,
    isSymmetryReduced: given.symmetry_reduced,
    stressMaxGpa: given.stress_max_gpa,
    execution: { ...executionOf(given), program, folders: { pseudopotentials: folder } },
  };
}

function executionOf(given: CalculatorOf<'command' | 'espresso'>): Omit<Execution, 'campaign'> {
  const { cores, memory_mib: memoryMiB, minutes, run_dir: runDir, core_hours_max: coreHoursMax } = given;
  return defined({ launcher: launcherOf(given.launcher), runDir, cores, memoryMiB, minutes, coreHoursMax });
}

function launcherOf(given: CalculatorOf<'command'>['launcher']): LauncherSettings {
  if (given.kind === 'local') return given;
  const { jobs_max: jobsMax, poll_seconds: pollSeconds, ...queue } = given;
  return { ...defined(queue), jobsMax, pollSeconds };
}

function acceptedSets({ labels, data }: CampaignFile): CampaignConfig['labels'] {
  if (labels !== undefined) return labels.map(({ set, methods }) => defined({ labelSet: set, methods }));
  return [...new Set(data.map(({ label_set }) => label_set))].map((labelSet) => ({ labelSet }));
}

/** A reserve of no materials is none, under the same hash. */
function reserveOf({ reserve: size }: CampaignFile): CampaignConfig['reserve'] {
  if (size === undefined || ('count' in size && size.count === 0)) return undefined;
  const { focus_element: focusElement, ...amount } = size;
  return defined({ ...amount, focusElement });
}

function samplingModel({ sampling: rows, targets }: CampaignFile): SamplingModel {
  if (rows.model === 1) return { model: 1, focusElement: rows.focus_element };
  if (rows.model === 2) return { model: 2 };
  const given = rows.train_from_gpa ?? PAPER_TRAIN_FROM_GPA;
  const names = targetNames({ targets });
  const wanted = MODULI.flatMap((name) =>
    names.includes(name) && given[name] !== undefined ? [[name, given[name]] as const] : [],
  );
  return { model: 3, trainFromGpa: Object.fromEntries(wanted) };
}

/** Settings of the preset's kinds, but for those that the file states: these hold for all members. */
function boostersOf({
  ensemble: { booster: given },
  targets,
}: CampaignFile): Omit<CampaignConfig['ensemble'], 'members'> {
  const stated: Readonly<Record<keyof BoosterKind, unknown>> = {
    trees: given.trees,
    leavesMax: given.leaves,
    learningRate: given.learning_rate,
    featureFraction: given.feature_fraction,
    rowsPerLeafMin: given.min_data_in_leaf,
    objective: given.objective,
    baggingFraction: given.bagging_fraction,
    lambdaL2: given.lambda_l2,
    extraTrees: given.extra_trees,
  };
  const left = (kind: BoosterKind): BoosterKind =>
    Object.fromEntries(Object.entries(kind).filter(([key]) => stated[key as keyof BoosterKind] === undefined));
  const kinds = targetNames({ targets }).map(
    (target) => [target, presetKinds(given.preset, target).map(left)] as const,
  );
  const differ = kinds.some(([, ofTarget]) => ofTarget.some((kind) => Object.keys(kind).length > 0));
  return { booster: boosterOf(given), ...(differ && { kinds: Object.fromEntries(kinds) }) };
}

function boosterOf(given: CampaignFile['ensemble']['booster']): BoosterConfig {
  const preset: BoosterConfig = BOOSTER_PRESETS[given.preset];
  const objective = given.objective ?? preset.objective ?? 'l2';
  const baggingFraction = given.bagging_fraction ?? preset.baggingFraction ?? 1;
  const lambdaL2 = given.lambda_l2 ?? preset.lambdaL2 ?? 0;
  const extraTrees = given.extra_trees ?? preset.extraTrees ?? false;
  return {
    trees: given.trees ?? preset.trees,
    leavesMax: given.leaves ?? preset.leavesMax,
    learningRate: given.learning_rate ?? preset.learningRate,
    featureFraction: given.feature_fraction ?? preset.featureFraction,
    binsMax: given.max_bin ?? preset.binsMax,
    rowsPerLeafMin: given.min_data_in_leaf ?? preset.rowsPerLeafMin,
    // What is at LightGBM's default is not recorded: older campaigns know it too.
    ...(objective === 'l1' && { objective }),
    ...(baggingFraction < 1 && { baggingFraction }),
    ...(lambdaL2 > 0 && { lambdaL2 }),
    ...(extraTrees && { extraTrees }),
  };
}

function dataFiltersOf(given: CampaignFile['data_filters']): CampaignConfig['dataFilters'] {
  if (given === 'paper') return PAPER_DATA_FILTERS;
  if (given === 'none') return { negativeModuli: false, inertGases: false, radioactiveElements: false };
  return defined({
    negativeModuli: given.negative_moduli,
    aboveBothGpa: given.above_both_gpa,
    inertGases: given.inert_gases,
    radioactiveElements: given.radioactive_elements,
  });
}

function candidateFiltersOf(given: CampaignFile['candidate_filters']): CampaignConfig['candidateFilters'] {
  if (given === 'paper') return PAPER_CANDIDATE_FILTERS;
  if (given === 'none') {
    return { inertGases: false, withoutStructureFeatures: false, polymorphs: false, activeElements: [] };
  }
  return defined({
    inertGases: given.inert_gases,
    withoutStructureFeatures: given.without_structure_features,
    bandGapMinEv: given.band_gap_min_ev,
    formationEnergyMaxEvPerAtom: given.formation_energy_max_ev_per_atom,
    aboveHullMaxEvPerAtom: given.above_hull_max_ev_per_atom,
    sitesMax: given.sites_max,
    polymorphs: given.polymorphs,
    activeElements: given.active_elements,
  });
}

type Defined<T> = T extends unknown
  ? { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
      [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
    }
  : never;

/** Drops the keys whose value is undefined: an absent value is an absent key, in types and in hashes. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as Defined<T>;
}
