import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROJECTION_GROUP, projectedTopics } from '../../../../services/projection/projection.ts';
import { openKafkaEventLog } from '../../../../src/adapters/kafka/event-log.ts';
import { featureSchemaId } from '../../../../src/featurizers/feature-schema.ts';
import { createTopics } from '../../../../src/model/topics.ts';
import type { EventLog } from '../../../../src/ports/event-log.ts';
import { groupLag } from '../../../../src/runtime/group-lag.ts';
import { contentOf } from '../../log-content.ts';
import { type FaultCampaign, type StartedProgram, startProgram } from './fault-campaign.ts';
import { type FaultKind, faultText, type PlannedFault, planFaults } from './fault-plan.ts';
import { type FaultStage, startFaultStage } from './fault-stage.ts';
import { createFaultInjection, type FaultInjection } from './inject-fault.ts';
import { type CheckedRun, checkRun } from './run-checks.ts';
import { startSubmitting } from './submitting-client.ts';

export interface FaultRunPlan {
  readonly dist: string;
  readonly campaign: FaultCampaign;
  /** Of the faults; without it there are none. */
  readonly seed?: number;
  readonly first?: FaultKind;
  readonly note?: (line: string) => void;
}

export interface FaultRun extends CheckedRun {
  readonly seed: number | undefined;
  /** With the second of the run at which each struck. */
  readonly faults: readonly string[];
  /** From the start of `elastream run --cluster` to its end. */
  readonly seconds: number;
  /** Services that came up again, killed ones included. */
  readonly restarts: number;
  /** Where all logs are; removed where there was no problem. */
  readonly directory: string;
}

/** A campaign that is not over after so long never will be. */
const RUN_MS_MAX = 10 * 60_000;
const SETTLE_MS_MAX = 3 * 60_000;

/** A campaign on a cluster of its own, with one fault after the other until it is over, and what came of it. */
export async function runWithFaults(plan: FaultRunPlan): Promise<FaultRun> {
  const { dist, campaign, seed, note = () => {} } = plan;
  const directory = mkdtempSync(join(tmpdir(), 'elastream-faults-'));
  const stage = await startFaultStage({ dist, directory });
  const log = await openKafkaEventLog({ brokers: stage.servers.brokers, clientId: 'faults' });
  const injection = createFaultInjection(stage, log);
  const faults: string[] = [];
  const problems: string[] = [];
  try {
    const submitting = startSubmitting(stage.gatewayUrl, campaign.materials);
    const begun = performance.now();
    const run = startProgram(dist, ['run', campaign.file, '--dir', stage.gatewayUrl, '--quiet', '--no-report']);
    const over = withinTime(run);
    const planned = seed === undefined ? [] : planFaults(seed, targetsOf(stage), plan.first);
    const striking = strike(planned, injection, over, (fault) => {
      const text = `${((performance.now() - begun) / 1000).toFixed(0)} s ${faultText(fault)}`;
      faults.push(text);
      note(text);
    });
    const { code, output } = await over;
    const seconds = (performance.now() - begun) / 1000;
    if (code !== 0 || output !== '') problems.push(`elastream run ended with ${code}: ${output}`);
    await striking;
    await submitting.finish();
    await injection.stop();
    await settled(log);
    const restarts = stage.services.services.reduce((sum, service) => sum + service.restarts, 0);
    const codes = await stage.services.stop();
    for (const [name, exit] of codes) if (exit !== 0) problems.push(`${name} did not stop well: ${exit}`);
    const content = await contentOf(log);
    const checked = checkRun(content, { campaign, submitting, injection });
    problems.push(...checked.problems);
    if (problems.length === 0) rmSync(directory, { recursive: true, force: true });
    return { ...checked, ...{ seed, faults, seconds, restarts, directory, problems } };
  } finally {
    await log.close();
    await stage.stop();
  }
}

function targetsOf({ services, servers, links }: FaultStage) {
  return {
    services: services.services.map(({ name }) => name),
    brokers: servers.brokers.length,
    links: [...links.keys()],
  };
}

async function withinTime(run: StartedProgram): ReturnType<() => StartedProgram['ended']> {
  const patience = setTimeout(run.kill, RUN_MS_MAX);
  return run.ended.finally(() => clearTimeout(patience));
}

/** One fault at a time; the one that is under way when the campaign is over is the last. */
async function strike(
  planned: Iterable<PlannedFault>,
  injection: FaultInjection,
  over: Promise<unknown>,
  onFault: (fault: PlannedFault) => void,
): Promise<void> {
  const ending = new AbortController();
  void over.finally(() => ending.abort());
  for (const fault of planned) {
    await sleep(fault.pauseMs, undefined, { signal: ending.signal }).catch(() => {});
    if (ending.signal.aborted) return;
    onFault(fault);
    await injection.inject(fault);
  }
}

/** Waits until every service has handled all that is in the log. */
async function settled(log: EventLog): Promise<void> {
  const topics = createTopics({ featureSchema: featureSchemaId('primitive') });
  const { materials, labels, features, training, results, calculations } = topics;
  const groups: Readonly<Record<string, readonly string[]>> = {
    featurization: [materials.name],
    'training-shard': [labels.name, features.name],
    training: [training.name],
    ingestion: [results.name],
    calculation: [calculations.name],
    [PROJECTION_GROUP]: projectedTopics(topics),
  };
  const deadline = performance.now() + SETTLE_MS_MAX;
  for (;;) {
    const lags: string[] = [];
    for (const [group, names] of Object.entries(groups)) {
      const lag = await groupLag({ log }, group, names);
      if (lag > 0) lags.push(`${group}: ${lag}`);
    }
    if (lags.length === 0) return;
    if (performance.now() > deadline) throw new Error(`not handled within ${SETTLE_MS_MAX} ms: ${lags.join(', ')}`);
    await sleep(250);
  }
}
