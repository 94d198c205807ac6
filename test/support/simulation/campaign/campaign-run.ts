import type { RunningAcquisition } from '../../../../services/acquisition/acquisition.ts';
import { retrying } from '../../../../src/runtime/retry.ts';
import { event } from '../../events.ts';
import { createOperationHistory } from '../../history/operation-history.ts';
import { CALM } from '../fault-rates.ts';
import { SIMULATED_TOPICS } from '../service-world.ts';
import { dropTables, type StoredResults } from '../simulated-result-store.ts';
import { createWorld, type World } from '../world.ts';
import { type CampaignPlan, type Junk, nodeNames, type PlannedVersions, type TableLoss } from './campaign-plan.ts';
import { flipBit } from './flipped-bits.ts';
import { arriveLate } from './late-data.ts';
import type { StagedShard } from './rank-router.ts';
import { JUNK } from './recorded-log.ts';
import type { Stage } from './stage.ts';
import { type SupervisedNode, superviseNode } from './supervised-node.ts';
import { appendNewerEvents, watchOlderNodes } from './two-versions.ts';

const MINUTE_MS = 60_000;
const RESTART_MS = 1_000;
/** A node that needs longer to stop will never stop. */
const STOP_MS_MAX = 30 * MINUTE_MS;

/** Runs the plan's campaigns on one node without any fault. */
export function runCalm(plan: CampaignPlan): Promise<Stage> {
  return runPlan({
    ...plan,
    layout: 'embedded',
    rates: CALM,
    outages: [],
    wallClocks: {},
    interruptions: [],
    junk: [],
    latecomers: [],
    kafka: undefined,
    flips: [],
    versions: undefined,
    tableLosses: [],
  });
}

/** Runs the plan's campaigns with all its faults. */
export function runRough(plan: CampaignPlan): Promise<Stage> {
  return runPlan(plan);
}

/** Runs all campaigns to their end, waits until the remaining work is done, and stops all nodes. */
async function runPlan(plan: CampaignPlan): Promise<Stage> {
  const { seed, rates: faults, outages, wallClocks, calculations, layout, interruptions } = plan;
  const { kafka, calmAfterMs } = plan;
  const calmAfter = { ms: calmAfterMs };
  const world = createWorld({ seed, faults, outages, wallClocks, calculations, calmAfter, ...(kafka && { kafka }) });
  const acquisitions = new Map<string, RunningAcquisition>();
  const stage: Stage = {
    plan,
    world,
    acquisitions,
    violations: [],
    failures: [],
    damaged: [],
    older: { parked: new Set(), wentOn: false },
    history: createOperationHistory(),
    shards: new Map<string, StagedShard>(),
    over: () =>
      [...acquisitions.values()].some((one) => plan.arms.every(({ name }) => one.state(name).stopped !== undefined)),
  };
  const nodes = new Map(nodeNames(layout, plan.nodes).map((name) => [name, superviseNode(stage, name)]));
  for (const { node, atMs, ...how } of interruptions) {
    void world.clock.sleep(atMs).then(() => nodes.get(node)!.interrupt(how));
  }
  const restartAll = () => {
    for (const node of nodes.values()) node.interrupt({ kind: 'crash', downMs: RESTART_MS });
  };
  for (const flip of plan.flips ?? []) void flipBit(stage, flip, restartAll);
  if (plan.versions) rollOut(stage, plan.versions, nodes);
  for (const loss of plan.tableLosses) void loseTables(world, loss);
  for (const [i, junk] of plan.junk.entries()) void appendJunk(world, junk, i).catch(() => {});
  for (const latecomer of plan.latecomers) void arriveLate(world, plan, latecomer).catch(() => {});
  const begun = world.clock.now();
  try {
    const begunToEnd = () => stage.over() || stage.violations.length > 0;
    await world.clock.runUntil(begunToEnd, plan.campaignMsMax);
    if (stage.violations.length > 0) return stage;
    const peace = begun + plan.calmAfterMs;
    await world.clock.advance(Math.max(0, peace - world.clock.now()) + plan.settlingMs);
    await world.clock.outcome(Promise.all([...nodes.values()].map((node) => node.stop())), STOP_MS_MAX);
  } catch (error) {
    stage.violations.push(`(5) ${error}`);
  }
  return stage;
}

function rollOut(stage: Stage, { upgrades }: PlannedVersions, nodes: Map<string, SupervisedNode>): void {
  for (const [name, atMs] of Object.entries(upgrades)) {
    void stage.world.clock.sleep(atMs).then(() => nodes.get(name)!.interrupt({ kind: 'stop', downMs: RESTART_MS }));
  }
  void appendNewerEvents(stage);
  void watchOlderNodes(stage);
}

async function appendJunk(world: World, { topic, atMs, foreign }: Junk, i: number): Promise<void> {
  const { log, clock, random } = world.node('vandal').ports();
  await clock.sleep(atMs);
  const { name, partitions } = SIMULATED_TOPICS[topic];
  const ports = { log, clock, random, topics: SIMULATED_TOPICS };
  await retrying(ports, () => log.declare(Object.values(SIMULATED_TOPICS)));
  const at = { topic: name, partition: i % partitions };
  const type = foreign ? 'org.example.Junk' : 'elastream.v1.LabelIngested';
  await retrying(ports, () => log.append(at, [event(`${JUNK}${i}`, { type, value: Buffer.from([255, 255]) })]));
}

async function loseTables({ clock, stored: { results } }: World, { atMs, lost }: TableLoss): Promise<void> {
  if (typeof lost === 'object') {
    await clock.sleep(lost.copiedAtMs);
    const copy = Object.entries(results).map(([table, rows]) => [table as keyof StoredResults, [...rows]] as const);
    await clock.sleep(atMs - lost.copiedAtMs);
    for (const [table, rows] of copy) {
      results[table].clear();
      for (const [key, row] of rows) results[table].set(key, row);
    }
    return;
  }
  await clock.sleep(atMs);
  if (lost === 'predictions') dropTables(results, PREDICTION_TABLES);
  else for (const table of OTHER_TABLES) results[table].clear();
}

const PREDICTION_TABLES = ['predictions', 'partitions'] as const;
const OTHER_TABLES = ['members', 'rounds', 'selections', 'rejections', 'positions'] as const;
