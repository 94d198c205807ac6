import type { z } from 'zod';
import type { CampaignConfig } from '../learning/campaign/campaign-config.ts';
import { BOOSTER_PRESETS } from '../model/booster-config.ts';
import { knownTarget, MODULI } from '../model/target.ts';
import { DEFAULT_STRATEGY } from './acquisition-schema.ts';
import { campaignConfigOf, targetNames } from './campaign-config-of.ts';
import { type CampaignFile, campaignFile } from './campaign-schema.ts';
import { schemaMessage } from './schema-message.ts';
import { unknownKeyRemedy } from './unknown-key-remedy.ts';

/** A problem in a campaign file. */
export interface CampaignIssue {
  /** The place: `['sampling', 'model']`; the reader of the YAML text turns it into a line number. */
  readonly path: readonly (string | number)[];
  /** One sentence with value and remedy. */
  readonly message: string;
}

export type ParsedCampaign =
  | { readonly config: CampaignConfig; readonly issues: readonly [] }
  | { readonly config?: undefined; readonly issues: readonly CampaignIssue[] };

/** Checks a parsed campaign file and reports all problems at once. */
export function parseCampaign(value: unknown): ParsedCampaign {
  const parsed = campaignFile.safeParse(value, { reportInput: true });
  if (!parsed.success) return { issues: parsed.error.issues.flatMap((issue) => fromZod(issue)) };
  const issues = impossible(parsed.data);
  return issues.length > 0 ? { issues } : { config: deepFreeze(campaignConfigOf(parsed.data)), issues: [] };
}

/** `data[0].path: is missing: give text` */
export function issueText({ path, message }: CampaignIssue): string {
  if (path.length === 0) return `the file ${message}`;
  const key = path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i > 0 ? '.' : ''}${printable(step)}`));
  return `${key.join('')}: ${message}`;
}

function printable(key: string): string {
  return /^[\w-]{1,60}$/.test(key) ? key : JSON.stringify(key).slice(0, 60);
}

function fromZod(issue: z.core.$ZodIssue): CampaignIssue[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `no such key here: ${unknownKeyRemedy(path, key)}`,
    }));
  }
  if (issue.code === 'invalid_union' && path[0] === 'candidates') {
    const meant = issue.errors.find((errors) => errors.every(isAboutValue));
    if (meant) return meant.flatMap((inner) => fromZod({ ...inner, path: [...path, ...inner.path] }));
    const remedy =
      'write {from: data, count: N}, {from: data, fraction: F} or {from: files, paths: [...]}, one of the three';
    return [{ path, message: `candidates are not stated: ${remedy}` }];
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The alternatives are a word or a table. For a table, the problem inside it says more than that it is not the
    // word.
    const meant = issue.errors.at(typeof issue.input === 'object' ? -1 : 0)!;
    return meant.flatMap((inner) => fromZod({ ...inner, path: [...path, ...inner.path] }));
  }
  return [{ path, message: schemaMessage(issue) }];
}

/** Whether the keys fit the alternative, so that only a value is wrong. */
function isAboutValue(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'unrecognized_keys' || issue.code === 'invalid_value') return false;
  return !(issue.code === 'invalid_type' && issue.input === undefined);
}

/** Strategies for which the members' spread means nothing. */
const SPREADLESS: ReadonlySet<string> = new Set(['random', 'greedy']);

type Rule = readonly [broken: boolean, path: (string | number)[], message: string];

function impossible(file: CampaignFile): CampaignIssue[] {
  const { acquisition, calculator, ensemble, sampling, stop } = file;
  const targets = targetNames(file);
  const { booster } = ensemble;
  const rules: Rule[] = [
    [
      calculator.kind === 'replay' && file.candidates.from === 'files',
      ['calculator', 'kind'],
      'replay reveals known labels, and structures from files have none: take candidates from data, or kind: manual to calculate them yourself',
    ],
    [
      !SPREADLESS.has(acquisition.strategy ?? DEFAULT_STRATEGY) && ensemble.members < 2,
      ['ensemble', 'members'],
      `${acquisition.strategy ?? DEFAULT_STRATEGY} needs the spread of at least 2 members: raise members, or take strategy: random or greedy`,
    ],
    [
      ensemble.members > 1 &&
        sampling.hold_out_fraction === 0 &&
        (booster.feature_fraction ?? BOOSTER_PRESETS[booster.preset].featureFraction) === 1,
      ['sampling', 'hold_out_fraction'],
      'all members would be the same model: hold out a fraction above 0, or set feature_fraction below 1',
    ],
    [
      stop.labels !== undefined && acquisition.batch > stop.labels,
      ['acquisition', 'batch'],
      `a batch of ${acquisition.batch} exceeds the ${stop.labels} labels of stop.labels: lower batch or raise stop.labels`,
    ],
    [
      'never_returning_rate' in calculator && calculator.never_returning_rate + calculator.failure_rate > 1,
      ['calculator', 'failure_rate'],
      'failure_rate and never_returning_rate exceed 1 together: lower one of them',
    ],
    ...commandRules(file),
    ...espressoRules(file),
    [
      (calculator.min_results ?? 0) > acquisition.batch,
      ['calculator', 'min_results'],
      `${calculator.min_results} results exceed the batch of ${acquisition.batch}: lower it, or raise acquisition.batch`,
    ],
    [new Set(targets).size < targets.length, ['targets'], 'a target is named twice: name each once'],
    [
      targets.every((target) => acquisition.weights[target] === 0),
      ['acquisition', 'weights'],
      'every weight is 0, which ranks nothing: give at least one target a weight above 0',
    ],
    reserveRule(file),
    ...acquisitionRules(file),
    ...stopRules(file),
    ...targetRules(file),
    ...labelSetRules(file),
  ];
  return rules.filter(([broken]) => broken).map(([, path, message]) => ({ path, message }));
}

const PLACEHOLDERS: ReadonlySet<string> = new Set(['structure', 'material', 'formula', 'cores', 'attempt']);

function commandRules({ calculator }: CampaignFile): Rule[] {
  if (calculator.kind !== 'command') return [];
  const { argv, run_dir, launcher } = calculator;
  const unknown = argv.flatMap((argument, i) =>
    [...argument.matchAll(/\{(\w+)\}/g)]
      .filter(([, name]) => !PLACEHOLDERS.has(name!))
      .map(([text]): Rule => {
        const known = [...PLACEHOLDERS].map((name) => `{${name}}`).join(', ');
        return [true, ['calculator', 'argv', i], `${text} stands for nothing: there are ${known}`];
      }),
  );
  const program = argv[0]!;
  const isRelative = program.includes('/') && !program.startsWith('/');
  return [
    ...unknown,
    [
      program === '' || isRelative || program.startsWith('-'),
      ['calculator', 'argv', 0],
      `is "${program}", and programs run in folders of their own: give an absolute path, or a name that PATH finds`,
    ],
    [
      launcher.kind !== 'local' && launcher.ssh !== undefined && run_dir?.startsWith('/') === false,
      ['calculator', 'run_dir'],
      'must be an absolute path where the queue is reached over SSH: the folder that both machines share',
    ],
  ];
}

function espressoRules({ calculator }: CampaignFile): Rule[] {
  if (calculator.kind !== 'espresso') return [];
  const { cutoff_ry: cutoffs, sha256 } = calculator;
  const without = typeof cutoffs === 'number' ? undefined : Object.keys(sha256 ?? {}).find((one) => !(one in cutoffs));
  return [
    [
      sha256 === undefined,
      ['calculator', 'sha256'],
      "is missing: 'elastream run' fills it in from the files of calculator.pseudopotentials",
    ],
    [
      calculator.files !== undefined && without !== undefined && without in calculator.files,
      ['calculator', 'cutoff_ry'],
      `has no cutoff for ${without}: give one, or one number for all`,
    ],
  ];
}

function reserveRule({ candidates, reserve }: CampaignFile): Rule {
  const all = candidates.from === 'data' && 'count' in candidates ? candidates.count : Number.POSITIVE_INFINITY;
  const count = reserve !== undefined && 'count' in reserve ? reserve.count : 0;
  const message = `is ${count}, and the reserve is a part of the ${all} of candidates.count: lower it, or raise that`;
  return [count >= all, ['reserve', 'count'], message];
}

/** A shortlist travels with its positions, about 1 kB each, and each pair of it is compared. */
const SHORTLIST_MAX = 2_000;
/** Each member names a batch of its own, about 0.5 kB a candidate. */
const SAMPLED_MAX = 20_000;

function acquisitionRules(file: CampaignFile): Rule[] {
  const { acquisition, ensemble } = file;
  const { batch, diversity = 1, strategy } = acquisition;
  const counting = targetNames(file).filter((name) => acquisition.weights[name] !== 0);
  const sampled = strategy === 'thompson' ? batch * diversity * ensemble.members : 0;
  return [
    [
      diversity > 1 && batch * diversity > SHORTLIST_MAX,
      ['acquisition', 'diversity'],
      `would keep ${batch * diversity} candidates apart, ${diversity} times the batch of ${batch}, and ${SHORTLIST_MAX} are the most: lower one of them`,
    ],
    [
      sampled > SAMPLED_MAX,
      ['acquisition', 'batch'],
      `${ensemble.members} members that each name ${batch * diversity} candidates name ${sampled}, and ${SAMPLED_MAX} are the most: lower batch, diversity or ensemble.members`,
    ],
    [
      strategy === 'pareto' && counting.length !== 2,
      ['acquisition', 'strategy'],
      `pareto weighs two targets against each other, and ${counting.length} count: name two, or give the others a weight of 0`,
    ],
  ];
}

const STOP_TABLES = ['mae_below', 'errors_below', 'gain_below', 'uncertainty_below'] as const;

/** Each of these is measured on the reserve. */
function stopRules({ stop, reserve }: CampaignFile): Rule[] {
  const isWithout = reserve === undefined || ('count' in reserve && reserve.count === 0);
  const remedy = 'is measured on the reserve, and there is none: give reserve a count or fraction';
  return STOP_TABLES.map(
    (table): Rule => [isWithout && Object.keys(stop[table] ?? {}).length > 0, ['stop', table], `${table} ${remedy}`],
  );
}

function targetRules(file: CampaignFile): Rule[] {
  const { acquisition, sampling } = file;
  const targets = targetNames(file);
  const unused = (given: object) => Object.keys(given).filter((key) => !targets.includes(key));
  const remedy = 'is no target of this campaign: add it to targets, or remove it here';
  const thresholds = sampling.model === 3 ? (sampling.train_from_gpa ?? {}) : {};
  return [
    ...file.targets.flatMap((target, i) => definitionRules(target, ['targets', i])),
    ...unused(acquisition.strategy === 'range' ? acquisition.ranges : {}).map(
      (key): Rule => [true, ['acquisition', 'ranges', key], `${key} ${remedy}`],
    ),
    ...unused(acquisition.constraints ?? {}).map(
      (key): Rule => [true, ['acquisition', 'constraints', key], `${key} ${remedy}`],
    ),
    ...unused(acquisition.weights).map((key): Rule => [true, ['acquisition', 'weights', key], `${key} ${remedy}`]),
    ...STOP_TABLES.flatMap((table) =>
      unused(file.stop[table] ?? {}).map((key): Rule => [true, ['stop', table, key], `${key} ${remedy}`]),
    ),
    ...unused(thresholds).map((key): Rule => [true, ['sampling', 'train_from_gpa', key], `${key} ${remedy}`]),
  ];
}

function definitionRules(target: CampaignFile['targets'][number], path: (string | number)[]): Rule[] {
  if (typeof target === 'string') {
    const known = knownTarget(target) !== undefined;
    const remedy = `one of ${MODULI.join(', ')}, or a table that says what it is: {name: ${target}, unit: eV}`;
    return [[!known, path, `is "${target}", must be ${remedy}`]];
  }
  const known = knownTarget(target.name);
  const isOther = known !== undefined && target.unit !== undefined && known.unit !== target.unit;
  const isUnknown = known === undefined && target.unit === undefined;
  return [
    [isOther, [...path, 'unit'], `is "${target.unit}", and ${target.name} is in ${known?.unit}: write that`],
    [isUnknown, [...path, 'unit'], `is missing: give the unit of ${target.name}, or "" if it has none`],
  ];
}

function labelSetRules({ data, labels }: CampaignFile): Rule[] {
  const seen = new Set<string>();
  const twice = data.map(({ path }, i): Rule => {
    const broken = seen.has(path);
    seen.add(path);
    return [broken, ['data', i, 'path'], `${path} is named twice: name each file once`];
  });
  const accepted = labels?.map(({ set }) => set);
  const refused = data.map(({ label_set }, i): Rule => {
    const remedy = 'add it there, or leave labels out to accept all sets of data';
    return [
      accepted?.includes(label_set) === false,
      ['data', i, 'label_set'],
      `labels does not accept ${label_set}: ${remedy}`,
    ];
  });
  return [...twice, ...refused];
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
