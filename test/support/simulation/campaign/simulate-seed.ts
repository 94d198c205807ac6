import { drawPlan } from './campaign-plan.ts';
import { runCalm, runRough } from './campaign-run.ts';
import { brokenGuarantees, differingTables } from './guarantee-checks.ts';
import { withKafka } from './kafka-plan.ts';
import { replayLog } from './replayed-log.ts';
import type { Stage } from './stage.ts';

export interface SeedReport {
  readonly seed: number;
  readonly rough: Stage;
  readonly reference: Stage;
  /** Empty if no guarantee was broken. */
  readonly broken: readonly string[];
}

/** The tables that a projection fills; shards fill the predictions. */
const REBUILT = ['members', 'rounds', 'selections', 'rejections'] as const;

/** The log of the campaigns: a simulated log with its own faults, or Kafka's adapter over simulated brokers. */
export type LogKind = 'simulated' | 'kafka';

/** Runs the campaigns of a seed without and with faults, and compares the results. */
export async function simulateSeed(seed: number, log: LogKind = 'simulated'): Promise<SeedReport> {
  const drawn = drawPlan(seed);
  const plan = log === 'kafka' ? withKafka(drawn) : drawn;
  const reference = await runCalm(plan);
  const inPeace = [...reference.violations, ...reference.failures].map((line) => `in peace: ${line}`);
  if (inPeace.length > 0) return { seed, rough: reference, reference, broken: inPeace };
  const rough = await runRough(plan);
  const broken = brokenGuarantees(rough, reference);
  if (broken.length > 0) return { seed, rough, reference, broken };
  const replay = await replayLog(rough.world);
  return { seed, rough, reference, broken: [...replay.broken, ...differingTables(replay.world, rough.world, REBUILT)] };
}
