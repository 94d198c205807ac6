import type { AcquisitionSettings, StopRule } from './campaign-config.ts';

export const STOP_REASONS = ['labels', 'rounds', 'empty_pool', 'cancelled'] as const;
export type StopReason = (typeof STOP_REASONS)[number];

export interface CampaignProgress {
  /** The number of the open round, from 1, counting only rounds that select. */
  readonly round: number;
  /** The number of labels acquired in closed rounds. */
  readonly acquired: number;
  /** The number of candidates in the round's pool. */
  readonly pool: number;
}

const LIMITS = ['labels', 'rounds'] as const;

/** The stop rule that holds now. */
export function presentStopRule({ created, raised }: { created?: { config: { stop: StopRule } }; raised?: StopRule }) {
  return raised ?? created?.config.stop ?? {};
}

/** Whether a campaign that stopped for this reason continues once its stop rule is raised. */
export function endsWithRule(reason: StopReason): boolean {
  return reason === 'labels' || reason === 'rounds';
}

export function sameStopRule(a: StopRule, b: StopRule): boolean {
  return LIMITS.every((limit) => a[limit] === b[limit]);
}

/** Why the second rule cannot replace the first: it lowers a limit. Undefined if it can. */
export function stopRuleProblem(present: StopRule, asked: StopRule): string | undefined {
  const lowered = LIMITS.find((limit) => limitOf(asked, limit) < limitOf(present, limit));
  if (lowered === undefined) return undefined;
  const now = present[lowered];
  const remedy = now === undefined ? 'leave it out' : `set at least ${now}`;
  return `stop.${lowered} is ${now ?? 'not set'} there and ${asked[lowered]} now, and can only be raised: ${remedy}`;
}

/** `stop.labels from 250 to 500`: the limits that differ. */
export function raisedLimits(present: StopRule, asked: StopRule): string {
  const differing = LIMITS.filter((limit) => present[limit] !== asked[limit]);
  return differing.map((limit) => `stop.${limit} from ${present[limit]} to ${asked[limit] ?? 'no limit'}`).join(', ');
}

function limitOf(rule: StopRule, limit: (typeof LIMITS)[number]): number {
  return rule[limit] ?? Number.POSITIVE_INFINITY;
}

/** The reason why the open round selects nothing and ends the campaign; undefined if the campaign continues. */
export function stopReason(stop: StopRule, { round, acquired, pool }: CampaignProgress): StopReason | undefined {
  if (acquired >= (stop.labels ?? Number.POSITIVE_INFINITY)) return 'labels';
  if (round > (stop.rounds ?? Number.POSITIVE_INFINITY)) return 'rounds';
  return pool === 0 ? 'empty_pool' : undefined;
}

/** The number of candidates that the open round selects: the batch, limited by the labels wanted and by the pool. */
export function selectionSize(acquisition: AcquisitionSettings, stop: StopRule, progress: CampaignProgress): number {
  if (stopReason(stop, progress) !== undefined) return 0;
  const wanted = (stop.labels ?? Number.POSITIVE_INFINITY) - progress.acquired;
  return Math.min(acquisition.batch, wanted, progress.pool);
}
