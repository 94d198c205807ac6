import type { AcquisitionSettings, StopRule } from './campaign-config.ts';

export const STOP_REASONS = ['labels', 'rounds', 'empty_pool', 'cancelled'] as const;
export type StopReason = (typeof STOP_REASONS)[number];

export interface CampaignProgress {
  /** Of the round that is open, from 1. */
  readonly round: number;
  /** Labels acquired in the rounds closed so far. */
  readonly acquired: number;
  /** Candidates in the round's pool. */
  readonly pool: number;
}

/** Why a round selects nothing and the campaign ends with it, or undefined where it goes on. */
export function stopReason(stop: StopRule, { round, acquired, pool }: CampaignProgress): StopReason | undefined {
  if (acquired >= (stop.labels ?? Number.POSITIVE_INFINITY)) return 'labels';
  if (round > (stop.rounds ?? Number.POSITIVE_INFINITY)) return 'rounds';
  return pool === 0 ? 'empty_pool' : undefined;
}

/** How many candidates the open round selects: the batch, cut to the labels still wanted and to the pool. */
export function selectionSize(acquisition: AcquisitionSettings, stop: StopRule, progress: CampaignProgress): number {
  if (stopReason(stop, progress) !== undefined) return 0;
  const wanted = (stop.labels ?? Number.POSITIVE_INFINITY) - progress.acquired;
  return Math.min(acquisition.batch, wanted, progress.pool);
}
