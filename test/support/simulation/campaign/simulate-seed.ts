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
  /** Nothing where all is well. */
  readonly broken: readonly string[];
}

/** What a projection brings; predictions are the shards'. */
const REBUILT = ['members', 'rounds', 'selections', 'rejections'] as const;

/** Which log carries the campaigns: one that knows its faults itself, or Kafka's adapter over simulated brokers. */
export type LogKind = 'simulated' | 'kafka';

/** Runs the campaigns of a seed in peace and with faults, and compares. */
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
