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
  /** The seed of the faults; without a seed there are no faults. */
  readonly seed?: number;
  readonly first?: FaultKind;
  /** The rows of the tables in a run without faults; without them the tables are not compared. */
  readonly tables?: TableRows | undefined;
  readonly note?: (line: string) => void;
  /** Aborts the run and stops everything that it started. */
  readonly signal?: AbortSignal;
}

export interface FaultRun extends CheckedRun {
  readonly seed: number | undefined;
  /** The faults, each with the second of the run at which it struck. */
  readonly faults: readonly string[];
  /** From the start of `elastream run --cluster` to its end. */
  readonly seconds: number;
  /** The number of services that came up again, including killed ones. */
  readonly restarts: number;
  /** The rows of the tables at the end. */
  readonly tables: TableRows | undefined;
  /** The folder of all logs; it is removed if there was no problem. */
  readonly directory: string;
}

const TOPICS = createTopics({ featureSchema: featureSchemaId('primitive') });
/** A campaign that takes longer than this will never end. */
const RUN_MS_MAX = 15 * 60_000;
const SETTLE_MS_MAX = 5 * 60_000;

/** Runs campaigns on their own cluster, with one fault after the other until they end, and reports the outcome. */
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
    // Remove it only after the stop: servers write until they have ended.
    if (isWell) rmSync(directory, { recursive: true, force: true });
  }
}

const NOTHING_FOUND = { acknowledged: 0, breaks: 0, answers: 0, poisoned: 0, doubled: 0, repeatedResults: 0 };

interface PlayedRun extends Omit<RunParts, 'campaign'> {
  readonly seconds: number;
  readonly tables: TableRows | undefined;
  readonly problems: readonly string[];
}

/** Runs until the campaign is over and all remaining work is done. */
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
    // If a part does not come back, there is no need to wait for the campaign.
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

/** Rejects when a run is interrupted; stops listening when the run is over. */
function brokenOff(signal: AbortSignal | undefined, over: AbortSignal): Promise<never> {
  const broken = new Promise<never>((_, reject) => {
    const give = () => reject(new Error('it was interrupted'));
    if (signal?.aborted) give();
    else signal?.addEventListener('abort', give, { once: true, signal: over });
  });
  // Avoids an unhandled rejection, because nobody may be waiting at that moment.
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

/** Plays one fault at a time; the fault that is active when the campaign ends is the last one. */
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

/** Waits until every service has handled everything in the log. */
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
