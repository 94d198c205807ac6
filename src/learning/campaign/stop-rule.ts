import type { AcquisitionSettings, StopRule } from './campaign-config.ts';

export const STOP_REASONS = ['labels', 'rounds', 'empty_pool', 'cancelled'] as const;
export type StopReason = (typeof STOP_REASONS)[number];

export interface CampaignProgress {
  /** The open round, from 1. */
  readonly round: number;
  /** The number of labels acquired in closed rounds. */
  readonly acquired: number;
  /** The number of candidates in the round's pool. */
  readonly pool: number;
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
