import { sortedJson } from '../../model/sorted-json.ts';
import type { Target } from '../../model/target.ts';
import type { AcquisitionSettings, StopRule, Threshold } from './campaign-config.ts';
import type { StopFigure } from './stop-figures.ts';

export const THRESHOLDS = ['mae', 'errors', 'gain', 'uncertainty'] as const;

export const STOP_REASONS = ['labels', 'rounds', 'empty_pool', 'cancelled', ...THRESHOLDS, 'unimproved'] as const;
export type StopReason = (typeof STOP_REASONS)[number];

export interface CampaignProgress {
  /** The number of the open round, from 1, counting only rounds that select. */
  readonly round: number;
  /** The number of labels acquired in closed rounds. */
  readonly acquired: number;
  /** The number of candidates in the round's pool. */
  readonly pool: number;
  /** Of the round's models; absent before they are measured. */
  readonly figures?: readonly StopFigure[];
}

/** Limits that count: more of them is more of the campaign. */
const LIMITS = ['labels', 'rounds', 'unimprovedRounds'] as const;
const KEYS: Readonly<Record<(typeof LIMITS)[number] | Threshold, string>> = {
  ...{ labels: 'labels', rounds: 'rounds', unimprovedRounds: 'unimproved_rounds' },
  ...{ mae: 'mae_below', errors: 'errors_below', gain: 'gain_below', uncertainty: 'uncertainty_below' },
};

/** The stop rule that holds now. */
export function presentStopRule({ created, raised }: { created?: { config: { stop: StopRule } }; raised?: StopRule }) {
  return raised ?? created?.config.stop ?? {};
}

/** Whether a campaign that stopped for this reason continues once its stop rule is raised. */
export function endsWithRule(reason: StopReason): boolean {
  return reason !== 'empty_pool' && reason !== 'cancelled';
}

export function sameStopRule(a: StopRule, b: StopRule): boolean {
  return sortedJson(a) === sortedJson(b);
}

/** Why the second rule cannot replace the first: it would stop the campaign earlier. Undefined if it can. */
export function stopRuleProblem(present: StopRule, asked: StopRule): string | undefined {
  const lowered = LIMITS.find((limit) => limitOf(asked, limit) < limitOf(present, limit));
  if (lowered !== undefined) {
    const now = present[lowered];
    const remedy = now === undefined ? 'leave it out' : `set at least ${now}`;
    const key = `stop.${KEYS[lowered]}`;
    return `${key} is ${now ?? 'not set'} there and ${asked[lowered]} now, and can only be raised: ${remedy}`;
  }
  return THRESHOLDS.map((rule) => thresholdProblem(rule, present, asked)).find((problem) => problem !== undefined);
}

/** All targets of a threshold must fall below it: one target fewer would stop earlier too. */
function thresholdProblem(rule: Threshold, present: StopRule, asked: StopRule): string | undefined {
  const [now, then] = [present.below?.[rule], asked.below?.[rule]];
  if (then === undefined) return undefined;
  const key = `stop.${KEYS[rule]}`;
  if (now === undefined) return `${key} is not set there, and would stop the campaign earlier: leave it out`;
  for (const [target, limit] of Object.entries(now)) {
    const wanted = then[target];
    if (wanted !== undefined && wanted <= limit!) continue;
    const remedy = `set at most ${limit}, or leave ${key} out`;
    return `${key}.${target} is ${limit} there and ${wanted ?? 'not set'} now, and can only be lowered: ${remedy}`;
  }
  for (const key of ['confidence', 'errorShare'] as const) {
    if (present[key] !== asked[key]) return `stop.${key} is ${present[key]} there and cannot change: set that`;
  }
  return undefined;
}

/** `stop.labels from 250 to 500`: the limits that differ. */
export function raisedLimits(present: StopRule, asked: StopRule): string {
  const differing = LIMITS.filter((limit) => present[limit] !== asked[limit]);
  return [
    ...differing.map((limit) => `stop.${KEYS[limit]} from ${present[limit]} to ${asked[limit] ?? 'no limit'}`),
    ...THRESHOLDS.flatMap((rule) =>
      Object.entries(present.below?.[rule] ?? {}).flatMap(([target, limit]) => {
        const now = asked.below?.[rule]?.[target];
        return now === limit ? [] : [`stop.${KEYS[rule]}.${target} from ${limit} to ${now ?? 'no limit'}`];
      }),
    ),
  ].join(', ');
}

function limitOf(rule: StopRule, limit: (typeof LIMITS)[number]): number {
  return rule[limit] ?? Number.POSITIVE_INFINITY;
}

/** The reason why the open round selects nothing and ends the campaign; undefined if the campaign continues. */
export function stopReason(stop: StopRule, progress: CampaignProgress): StopReason | undefined {
  const { round, acquired, pool, figures = [] } = progress;
  if (acquired >= limitOf(stop, 'labels')) return 'labels';
  if (round > limitOf(stop, 'rounds')) return 'rounds';
  if (pool === 0) return 'empty_pool';
  return (
    THRESHOLDS.find((rule) => isBelow(stop, rule, figures)) ?? (isUnimproved(stop, figures) ? 'unimproved' : undefined)
  );
}

function isBelow({ below }: StopRule, rule: Threshold, figures: readonly StopFigure[]): boolean {
  const limits = Object.entries(below?.[rule] ?? {});
  return limits.length > 0 && limits.every(([target, limit]) => figureOf(figures, rule, target) < limit!);
}

function isUnimproved({ unimprovedRounds }: StopRule, figures: readonly StopFigure[]): boolean {
  const found = figures.find(({ figure }) => figure === 'unimproved');
  return found !== undefined && unimprovedRounds !== undefined && found.value >= unimprovedRounds;
}

function figureOf(figures: readonly StopFigure[], wanted: Threshold, target: Target): number {
  const found = figures.find((one) => one.figure === wanted && one.target === target);
  return found?.value ?? Number.POSITIVE_INFINITY;
}

/** How near a rule is to stopping the campaign. */
export interface StopDistance {
  readonly rule: StopReason;
  /** Empty where the rule is of no target. */
  readonly target: string;
  readonly value: number;
  readonly limit: number;
  readonly isMet: boolean;
}

/** What would stop the campaign, and how near it is to that. */
export function stopDistances(stop: StopRule, { round, acquired, figures = [] }: CampaignProgress): StopDistance[] {
  const counted = (rule: StopReason, value: number, limit: number | undefined): StopDistance[] =>
    limit === undefined ? [] : [{ rule, target: '', value, limit, isMet: value >= limit }];
  const since = figures.find(({ figure }) => figure === 'unimproved')?.value ?? 0;
  return [
    ...counted('labels', acquired, stop.labels),
    ...counted('rounds', round, stop.rounds),
    ...THRESHOLDS.flatMap((rule) =>
      Object.entries(stop.below?.[rule] ?? {}).map(([target, limit]): StopDistance => {
        const value = figureOf(figures, rule, target);
        return { rule, target, value, limit: limit!, isMet: value < limit! };
      }),
    ),
    ...counted('unimproved', since, stop.unimprovedRounds),
  ];
}

/** The number of candidates that the open round selects: the batch, limited by the labels wanted and by the pool. */
export function selectionSize(acquisition: AcquisitionSettings, stop: StopRule, progress: CampaignProgress): number {
  if (stopReason(stop, progress) !== undefined) return 0;
  const wanted = limitOf(stop, 'labels') - progress.acquired;
  return Math.min(acquisition.batch, wanted, progress.pool);
}
