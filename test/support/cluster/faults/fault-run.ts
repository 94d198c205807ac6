import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROJECTION_GROUP, projectedTopics } from '../../../../services/projection/projection.ts';
import { openKafkaEventLog } from '../../../../src/adapters/kafka/event-log.ts';
import { connectCluster } from '../../../../src/cli/cluster/connect-cluster.ts';
import { featureSchemaId } from '../../../../src/featurizers/feature-schema.ts';
import { createTopics } from '../../../../src/model/topics.ts';
import type { EventLog } from '../../../../src/ports/event-log.ts';
import { groupLag } from '../../../../src/runtime/group-lag.ts';
import { createOperationHistory } from '../../history/operation-history.ts';
import { contentOf } from '../../log-content.ts';
import { type FaultCampaign, startCampaigns } from './fault-campaign.ts';
import { type FaultKind, faultText, type PlannedFault, planFaults } from './fault-plan.ts';
import { type FaultStage, startFaultStage } from './fault-stage.ts';
import { createFaultInjection, type FaultInjection } from './inject-fault.ts';
import { startReading } from './reading-client.ts';
import { type CheckedRun, checkRun, type RunParts } from './run-checks.ts';
import { startSubmitting } from './submitting-client.ts';
import { differingRows, settledRows, type TableRows } from './table-rows.ts';

export interface FaultRunPlan {
  readonly dist: string;
  readonly campaign: FaultCampaign;
  /** Of the faults; without it there are none. */
  readonly seed?: number;
  readonly first?: FaultKind;
  /** What the tables held without faults; without it they are not compared. */
  readonly tables?: TableRows | undefined;
  readonly note?: (line: string) => void;
  /** Breaks the run off; all that it started is stopped. */
  readonly signal?: AbortSignal;
}

export interface FaultRun extends CheckedRun {
  readonly seed: number | undefined;
  /** With the second of the run at which each struck. */
  readonly faults: readonly string[];
  /** From the start of `elastream run --cluster` to its end. */
  readonly seconds: number;
  /** Services that came up again, killed ones included. */
  readonly restarts: number;
  /** What the tables held in the end. */
  readonly tables: TableRows | undefined;
  /** Where all logs are; removed where there was no problem. */
  readonly directory: string;
}

const TOPICS = createTopics({ featureSchema: featureSchemaId('primitive') });
/** A campaign that is not over after so long never will be. */
const RUN_MS_MAX = 15 * 60_000;
const SETTLE_MS_MAX = 5 * 60_000;

/** Campaigns on a cluster of their own, with one fault after the other until they are over, and what came of it. */
export async function runWithFaults(plan: FaultRunPlan): Promise<FaultRun> {
  const directory = mkdtempSync(join(tmpdir(), 'elastream-faults-'));
  const stage = await startFaultStage({ dist: plan.dist, directory });
  const log = await openKafkaEventLog({ brokers: stage.servers.brokers, clientId: 'faults' });
  const faults: string[] = [];
  let isWell = false;
  try {
    const played = await playRun(plan, stage, log, (fault) => {
      faults.push(fault);
      plan.note?.(fault);
    });
    const restarts = stage.services.services.reduce((sum, service) => sum + service.restarts, 0);
    const codes = await stage.services.stop();
    const unwell = [...codes].filter(([, code]) => code !== 0);
    const checked = checkRun(await contentOf(log), { campaign: plan.campaign, ...played });
    const problems = [
      ...played.problems,
      ...unwell.map(([name, code]) => `${name} did not stop well: ${code}`),
      ...checked.problems,
    ];
    isWell = problems.length === 0;
    const { seconds, tables } = played;
    return { ...checked, seed: plan.seed, faults, seconds, restarts, tables, directory, problems };
  } catch (error) {
    const problems = [`broke off: ${(error as Error).message.split('\n')[0]}`];
    const nothing = { ...NOTHING_FOUND, seconds: Number.NaN, restarts: 0, tables: undefined };
    return { ...nothing, seed: plan.seed, faults, directory, problems };
  } finally {
    await log.close();
    await stage.stop();
    // Not before: servers write until they have ended.
    if (isWell) rmSync(directory, { recursive: true, force: true });
  }
}

const NOTHING_FOUND = { acknowledged: 0, breaks: 0, answers: 0, poisoned: 0, doubled: 0, repeatedResults: 0 };

interface PlayedRun extends Omit<RunParts, 'campaign'> {
  readonly seconds: number;
  readonly tables: TableRows | undefined;
  readonly problems: readonly string[];
}

/** Until the campaign is over and everything that it left to be done is done. */
async function playRun(
  { dist, campaign, seed, first, signal, tables: expected }: FaultRunPlan,
  stage: FaultStage,
  log: EventLog,
  onFault: (text: string) => void,
): Promise<PlayedRun> {
  const injection = createFaultInjection(stage, log);
  const cluster = connectCluster(stage.gatewayUrl);
  const history = createOperationHistory();
  const submitting = startSubmitting(cluster.gateway, campaign.materials, history);
  const reading = startReading(cluster.log, TOPICS.materials, history);
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  const run = startCampaigns(dist, campaign, stage.gatewayUrl);
  const patience = setTimeout(run.kill, RUN_MS_MAX);
  const over = new AbortController();
  const interrupted = brokenOff(signal, over.signal);
  try {
    const planned = seed === undefined ? [] : planFaults(seed, targetsOf(stage), first);
    const onPlanned = (fault: PlannedFault) => onFault(`${seconds().toFixed(0)} s ${faultText(fault)}`);
    const striking = strike(planned, injection, run.ended, onPlanned);
    // Where a part does not come back, the campaign need not be waited for.
    const { code, output } = await Promise.race([run.ended, striking.then(() => run.ended), interrupted]);
    const taken = seconds();
    await striking;
    await submitting.finish();
    await reading.finish();
    await injection.stop();
    await Promise.race([settled(log), interrupted]);
    const tables = await Promise.race([settledRows(cluster.gateway, expected), interrupted]);
    const problems = [
      ...(code === 0 && output === '' ? [] : [`elastream run ended with ${code}: ${output}`]),
      ...(tables ? differingRows(tables, expected ?? tables) : ['the tables cannot be read']),
    ];
    return { seconds: taken, tables, problems, submitting, reading, history, injection };
  } finally {
    clearTimeout(patience);
    over.abort();
    run.kill();
    submitting.abandon();
    reading.abandon();
    await cluster.close();
  }
}

/** Rejects when a run is interrupted, and listens no more once it is over. */
function brokenOff(signal: AbortSignal | undefined, over: AbortSignal): Promise<never> {
  const broken = new Promise<never>((_, reject) => {
    const give = () => reject(new Error('it was interrupted'));
    if (signal?.aborted) give();
    else signal?.addEventListener('abort', give, { once: true, signal: over });
  });
  // Nobody may be waiting just then.
  broken.catch(() => {});
  return broken;
}

function targetsOf({ services, servers, links, brokerLinks }: FaultStage) {
  return {
    services: services.services.map(({ name }) => name),
    brokers: servers.brokers.length,
    links: [...links.keys()],
    brokerLinks: [...brokerLinks.keys()],
  };
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
  const { materials, labels, features, training, results, calculations } = TOPICS;
  const groups: Readonly<Record<string, readonly string[]>> = {
    featurization: [materials.name],
    'training-shard': [labels.name, features.name],
    training: [training.name],
    ingestion: [results.name],
    calculation: [calculations.name],
    [PROJECTION_GROUP]: projectedTopics(TOPICS),
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
