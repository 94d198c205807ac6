import { z } from 'zod';
import { FEATURE_SETS } from '../../featurizers/feature-schema.ts';
import {
  BETA_DEFAULT,
  type CalculatorSettings,
  type CampaignConfig,
  type EspressoSettings,
  XI_DEFAULT,
} from '../../learning/campaign/campaign-config.ts';
import { PAPER_CANDIDATE_FILTERS, PAPER_DATA_FILTERS } from '../../learning/data/data-filters.ts';
import { PAPER_TRAIN_FROM_GPA, type SamplingModel } from '../../learning/ensemble/sampling-model.ts';
import { BOOSTER_PRESETS, type BoosterPreset } from '../../model/booster-config.ts';
import { atomicNumber } from '../../model/element-symbols.ts';
import type { Execution, LauncherSettings } from '../../model/execution.ts';
import { compareIds } from '../../model/id-order.ts';
import { LENGTH_UNITS, MODULUS_UNITS } from '../../model/input-units.ts';
import { type LabelMethod, METHOD_KINDS } from '../../model/label.ts';
import { STRUCTURE_FORMATS } from '../../model/recipe.ts';
import { DECIMALS } from '../../model/table-options.ts';
import {
  knownTarget,
  MODULI,
  TARGET_TRANSFORMS,
  type TargetDefinition,
  targetNameProblem,
} from '../../model/target.ts';

/** `Selected` and `RoundClosed` list a round's whole batch and must stay below 1 MiB. */
const BATCH_MAX = 2_000;

const text = z.string().trim().min(1).max(200);
const count = (min: number, max = 1_000_000_000) => z.number().int().min(min).max(max);
const rate = z.number().min(0).max(1);
const openFraction = z.number().gt(0).lt(1);
const element = z.string().refine((symbol) => atomicNumber(symbol) !== undefined, 'no such element; write it as in Na');
const perModulus = (value: z.ZodNumber) => z.partialRecord(z.enum(MODULI), value);

const targetName = z.string().refine((name) => targetNameProblem(name) === undefined, {
  error: ({ input }) => targetNameProblem(String(input)) ?? '',
});
/** A known target is given by its name, any other one with its definition. */
const target = z.union([
  targetName,
  z.strictObject({
    name: targetName,
    unit: text.or(z.literal('')),
    transform: z.enum(TARGET_TRANSFORMS).default('none'),
  }),
]);

const dataFilters = z.strictObject({
  negative_moduli: z.boolean().default(true),
  above_both_gpa: z.strictObject({ g_vrh: z.number(), k_vrh: z.number() }).optional(),
  inert_gases: z.boolean().default(true),
  radioactive_elements: z.boolean().default(true),
});

const candidateFilters = z.strictObject({
  inert_gases: z.boolean().default(false),
  without_structure_features: z.boolean().default(false),
  band_gap_min_ev: z.number().optional(),
  formation_energy_max_ev_per_atom: z.number().optional(),
  above_hull_max_ev_per_atom: z.number().optional(),
  sites_max: count(1).optional(),
  polymorphs: z.boolean().default(false),
  active_elements: z.array(element).default([]),
});

const candidates = z.union([
  z.strictObject({ from: z.literal('data'), count: count(1), element: element.optional() }),
  z.strictObject({ from: z.literal('data'), fraction: openFraction, element: element.optional() }),
  z.strictObject({ from: z.literal('files'), paths: z.array(text).min(1) }),
]);

const reserve = z.union([
  z.strictObject({ count: count(0), focus_element: element.optional() }),
  z.strictObject({ fraction: openFraction, focus_element: element.optional() }),
]);

const sampled = {
  test_fraction: openFraction.default(0.2),
  hold_out_fraction: z.number().min(0).lt(1).default(0.2),
  train_acquired: z.boolean().default(true),
};
const sampling = z.discriminatedUnion('model', [
  z.strictObject({ model: z.literal(1), focus_element: element, ...sampled }),
  z.strictObject({ model: z.literal(2), ...sampled }),
  z.strictObject({ model: z.literal(3), train_from_gpa: perModulus(z.number().positive()).optional(), ...sampled }),
]);

const presets = Object.keys(BOOSTER_PRESETS) as [BoosterPreset, ...BoosterPreset[]];
const booster = z.strictObject({
  preset: z.enum(presets).default('elastream'),
  trees: count(1, 100_000).optional(),
  leaves: count(2, 131_072).optional(),
  learning_rate: z.number().positive().max(10).optional(),
  feature_fraction: z.number().gt(0).max(1).optional(),
  max_bin: count(2, 65_535).optional(),
  min_data_in_leaf: count(1, 1_000_000).optional(),
});

export const DEFAULT_STRATEGY = 'exploration';
/** Settings of every strategy. */
const choice = {
  batch: count(1, BATCH_MAX),
  weights: z.record(targetName, z.number().min(0)).default({}),
};

/** Settings of strategies that seek extreme values. */
const directed = { goal: z.enum(['max', 'min']).default('max') };
const improvement = { xi: z.number().min(0).max(100).default(XI_DEFAULT), ...directed, ...choice };
/** What a target's value should lie between. */
const limits = z
  .strictObject({ low: z.number().optional(), high: z.number().optional() })
  .refine(({ low, high }) => low !== undefined || high !== undefined, 'give low, high or both')
  .refine(({ low, high }) => low === undefined || high === undefined || low < high, 'low must be less than high');

/** Settings of calculators that can rehearse trouble. */
const mishapRates = {
  failure_rate: rate.default(0),
  never_returning_rate: rate.default(0),
  delay_seconds: z.number().min(0).default(0),
};
const attempts = count(1, 100).default(3);
const min_results = count(1, BATCH_MAX).optional();
/** Settings of every calculator that is a program. */
const patience = { attempts, expire_after_seconds: z.number().positive().default(86_400), min_results };
/** How people calculate. */
const method = z.strictObject({
  kind: z.enum(METHOD_KINDS).default('dft'),
  code: text.optional(),
  functional: text.optional(),
  relaxed_ion: z.boolean().optional(),
});

/** Settings of calculators that may take weeks. */
const longPatience = { attempts, expire_after_seconds: z.number().positive().optional(), min_results };
/** What passes to a batch queue or over SSH as an argument of its own, never through a shell. */
const word = z.string().regex(/^[\w.@:+-]{1,200}$/, 'use letters, digits and . _ @ : + - alone');
const queue = {
  partition: word.optional(),
  account: word.optional(),
  options: z
    .array(z.string().regex(/^-[\x20-\x7e]{1,200}$/, 'give each as one argument, such as --qos=low'))
    .optional(),
  jobs_max: count(1, 100_000).default(1_000),
  poll_seconds: z.number().min(1).max(3_600).default(15),
  ssh: word.refine((host) => !host.startsWith('-'), 'give user@host').optional(),
};
const launcher = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('local'), parallel: count(1, 1_000).default(1) }),
  z.strictObject({ kind: z.literal('slurm'), ...queue }),
  z.strictObject({ kind: z.literal('pbs'), ...queue }),
  z.strictObject({ kind: z.literal('lsf'), ...queue }),
]);
/** Settings of every calculator that starts programs. */
const programRuns = {
  cores: count(1, 100_000).default(1),
  memory_mib: count(1).default(2_048),
  minutes: count(1, 525_600).default(60),
  launcher: launcher.prefault({ kind: 'local' }),
  run_dir: z.string().trim().min(1).max(1_000).optional(),
  core_hours_max: z.number().positive().optional(),
};
/** The name of a key, as docs/campaign-file.md has it. */
const byElement = <T extends z.ZodType>(value: T) => z.record(element.meta({ title: 'ELEMENT' }), value);
const ry = z.number().min(1).max(1_000);
const fileName = z.string().regex(/^[\w][\w.+-]{0,199}$/, "give a file's name, without a folder");
const argument = z
  .string()
  .max(4_096)
  .refine((value) => !value.includes('\0'), 'a program can be given no NUL');

const fileData = z.strictObject({
  kind: z.literal('file').default('file'),
  path: text,
  label_set: text,
  columns: z.strictObject({ id: text, g: text, k: text, structure: text }).partial().optional(),
  structures: text.optional(),
  unit: z.enum(MODULUS_UNITS).optional(),
  length_unit: z.enum(LENGTH_UNITS).optional(),
  decimal: z.enum(DECIMALS).optional(),
});

/** The campaign file as people write it: in snake_case, with defaults omitted. */
export const campaignFile = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use 1 to 63 of a-z, 0-9 and -, beginning with none of the -'),
  seed: count(0, 2 ** 31 - 1).default(1),
  data: z.array(fileData).min(1),
  labels: z.array(z.strictObject({ set: text, methods: z.array(z.enum(METHOD_KINDS)).min(1).optional() })).optional(),
  data_filters: z.union([z.enum(['paper', 'none']), dataFilters]).default('paper'),
  candidates,
  candidate_filters: z.union([z.enum(['paper', 'none']), candidateFilters]).default('none'),
  reserve: reserve.optional(),
  features: z.enum(FEATURE_SETS).default('paper'),
  targets: z
    .array(target)
    .min(1)
    .default([...MODULI]),
  sampling: sampling.prefault({ model: 2 }),
  ensemble: z.strictObject({ members: count(1, 1_000).default(20), booster: booster.prefault({}) }).prefault({}),
  acquisition: z.discriminatedUnion('strategy', [
    z.strictObject({ strategy: z.literal(DEFAULT_STRATEGY).optional(), ...choice }),
    z.strictObject({ strategy: z.literal('random'), ...choice }),
    z.strictObject({ strategy: z.literal('greedy'), ...directed, ...choice }),
    z.strictObject({
      strategy: z.literal('ucb'),
      beta: z.number().min(0).max(100).default(BETA_DEFAULT),
      ...directed,
      ...choice,
    }),
    z.strictObject({ strategy: z.literal('ei'), ...improvement }),
    z.strictObject({ strategy: z.literal('pi'), ...improvement }),
    z.strictObject({ strategy: z.literal('range'), ranges: z.record(targetName, limits), ...choice }),
  ]),
  stop: z.strictObject({ labels: count(1).optional(), rounds: count(1).optional() }).default({}),
  calculator: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('replay'), ...mishapRates, ...patience }),
    z.strictObject({ kind: z.literal('simulated'), ...mishapRates, ...patience }),
    z.strictObject({ kind: z.literal('manual'), method: method.prefault({}), ...longPatience }),
    z.strictObject({
      kind: z.literal('command'),
      argv: z.array(argument).min(1).max(1_000),
      structure: z.enum(STRUCTURE_FORMATS).default('poscar'),
      method: method.required({ code: true }),
      ...programRuns,
      ...longPatience,
    }),
    z.strictObject({
      kind: z.literal('espresso'),
      program: z.array(argument).min(1).max(100).default(['pw.x']),
      pseudopotentials: z.string().trim().max(1_000).startsWith('/', 'must be an absolute path'),
      files: byElement(fileName).default({}),
      sha256: byElement(z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 of 0-9 and a-f')).optional(),
      cutoff_ry: z.union([ry, byElement(ry)]),
      k_spacing: z.number().min(0.02).max(5).default(0.25),
      smearing_ry: z.number().min(0).max(0.5).default(0.02),
      strains: z.array(z.number().gt(0).max(0.1)).min(1).max(10).default([0.01]),
      symmetry_reduced: z.boolean().default(true),
      stress_max_gpa: z.number().min(0.01).max(10).default(0.05),
      ...programRuns,
      ...longPatience,
    }),
  ]),
});

export type CampaignFile = z.output<typeof campaignFile>;

/** The complete, plain configuration of a file that satisfies the schema. */
export function campaignConfig(file: CampaignFile): CampaignConfig {
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
    ensemble: { members: ensemble.members, booster: boosterOf(ensemble.booster) },
    acquisition: {
      ...acquisitionOf(file.acquisition),
      weights: Object.fromEntries(targetNames(file).map((name) => [name, file.acquisition.weights[name] ?? 1])),
    },
    stop: defined(file.stop),
    calculator: calculatorOf(file),
  };
}

/** What is at its first meaning is not recorded: older campaigns know it too. */
function acquisitionOf(given: CampaignFile['acquisition']): CampaignConfig['acquisition'] {
  const { goal, ...settings } = { goal: undefined, ...given };
  const chosen = { ...settings, strategy: given.strategy ?? DEFAULT_STRATEGY, ...(goal === 'min' && { goal }) };
  return defined(chosen) as CampaignConfig['acquisition'];
}

export function targetNames({ targets }: Pick<CampaignFile, 'targets'>): string[] {
  return targets.map((given) => (typeof given === 'string' ? given : given.name));
}

/** Undefined if all targets are known ones. */
function targetDefinitions({ targets }: CampaignFile): TargetDefinition[] | undefined {
  const own = targets.flatMap((given) => (typeof given === 'string' || knownTarget(given.name) ? [] : [given]));
  return own.length > 0 ? own.sort((a, b) => compareIds(a.name, b.name)) : undefined;
}

type CalculatorOf<K> = Extract<CampaignFile['calculator'], { readonly kind: K }>;

function calculatorOf({ calculator }: CampaignFile): CalculatorSettings {
  const { attempts, expire_after_seconds: expireAfterSeconds, min_results: minResults } = calculator;
  if (calculator.kind === 'manual') {
    const { kind, method: by } = calculator;
    return defined({ kind, method: methodOf(by), attempts, expireAfterSeconds, minResults });
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
    });
  }
  if (calculator.kind === 'espresso') {
    return defined({ ...espressoOf(calculator), attempts, expireAfterSeconds, minResults });
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
    ...defined({ minResults: calculator.min_results }),
  };
}

function methodOf({ kind, code, functional, relaxed_ion: relaxedIon }: z.output<typeof method>): LabelMethod {
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

function boosterOf(given: CampaignFile['ensemble']['booster']): CampaignConfig['ensemble']['booster'] {
  const preset = BOOSTER_PRESETS[given.preset];
  return {
    trees: given.trees ?? preset.trees,
    leavesMax: given.leaves ?? preset.leavesMax,
    learningRate: given.learning_rate ?? preset.learningRate,
    featureFraction: given.feature_fraction ?? preset.featureFraction,
    binsMax: given.max_bin ?? preset.binsMax,
    rowsPerLeafMin: given.min_data_in_leaf ?? preset.rowsPerLeafMin,
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
