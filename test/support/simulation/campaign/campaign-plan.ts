import type { CandidateSource, ProgramSettings, StopRule } from '../../../../src/learning/campaign/campaign-config.ts';
import { COMPARED_STRATEGIES, otherStrategy } from '../../../../src/learning/campaign/campaign-config.ts';
import type { SamplingModel } from '../../../../src/learning/ensemble/sampling-model.ts';
import { parseMaterialId } from '../../../../src/model/material-id.ts';
import { MODULI } from '../../../../src/model/target.ts';
import type { Topics } from '../../../../src/model/topics.ts';
import type { SourceItem } from '../../../../src/ports/material-source.ts';
import { CONFIG, type ProgramConfig } from '../../campaigns.ts';
import { type Fault, type FaultRates, ROUGH } from '../fault-rates.ts';
import { createSeededRandom, type SeededRandom } from '../seeded-random.ts';
import type { CalculationScript } from '../simulated-calculator.ts';
import { syntheticItems } from '../simulated-source.ts';
import type { Outage } from '../surroundings.ts';
import type { WallClock } from '../wall-clock.ts';
import type { SimulatedBrokersPlan } from '../world.ts';

/** A campaign, its initial data, and all faults that will occur: everything is drawn from a seed. */
export interface CampaignPlan {
  readonly seed: number;
  /** Concurrent campaigns on the same data in one log; their calculators may be of different kinds. */
  readonly arms: readonly ProgramConfig[];
  /** The sources of the data, then those of the candidates. */
  readonly sources: readonly PlannedSource[];
  readonly calculations: Partial<CalculationScript>;
  /**
   * Whether calculations expire at about the time when they end: then the run may take another course than the
   * reference.
   */
  readonly expiresSoon: boolean;
  readonly layout: 'embedded' | 'cluster';
  /** The number of cluster nodes by task. */
  readonly nodes: { readonly shards: number; readonly writers: number; readonly workers: number };
  readonly rates: FaultRates;
  readonly calmAfterMs: number;
  /** Long enough for every round to wait for a calculation that expires. */
  readonly campaignMsMax: number;
  /** The time after the end of all faults at which the tables must be complete. */
  readonly settlingMs: number;
  /** If present, the log is Kafka's adapter over simulated brokers. */
  readonly kafka?: SimulatedBrokersPlan | undefined;
  /** Only for Kafka's log. */
  readonly flips?: readonly PlannedFlip[];
  /** If absent, all nodes have the same version. */
  readonly versions?: PlannedVersions | undefined;
  readonly outages: readonly Outage[];
  /** The wall clocks of the nodes; some are correct. */
  readonly wallClocks: Readonly<Record<string, WallClock>>;
  readonly interruptions: readonly Interruption[];
  /** The times at which tables are dropped, or an old copy of all tables replaces them. */
  readonly tableLosses: readonly TableLoss[];
  /** The times and places at which unreadable records are appended. */
  readonly junk: readonly Junk[];
  /** The clients that add data under the name of a completed source. */
  readonly latecomers: readonly Latecomer[];
}

/** A bit of the log changes on a broker's disk, until the disk is replaced. */
export interface PlannedFlip {
  readonly topic: keyof Topics;
  readonly atMs: number;
  readonly forMs: number;
  /** The relative position among the events present at that time, from 0 to below 1. */
  readonly event: number;
  readonly bit: number;
}

/** The time at which each node is stopped and restarted with a newer version. */
export interface PlannedVersions {
  readonly upgrades: Readonly<Record<string, number>>;
}

export interface PlannedSource {
  readonly id: string;
  readonly labelSet: string;
  readonly items: readonly SourceItem[];
}

/** A client that adds data under a source's name after another client has completed the source. */
export interface Latecomer {
  /** Index in the plan's sources. */
  readonly source: number;
  readonly atMs: number;
}

export interface Junk {
  readonly topic: keyof Topics;
  readonly atMs: number;
  /** If true, a record of a foreign type; otherwise of one of our types, with bytes that are no message. */
  readonly foreign: boolean;
}

export interface TableLoss {
  readonly atMs: number;
  /** Tables that are filled together are lost together; or the time when the old copy was made. */
  readonly lost: 'predictions' | 'others' | { readonly copiedAtMs: number };
}

/** A node goes down at some time and comes back later. */
export interface Interruption {
  readonly node: string;
  readonly atMs: number;
  readonly downMs: number;
  /** With a stop, the node finishes its current work, as in a rolling upgrade. */
  readonly kind: 'crash' | 'stop';
}

const MINUTE_MS = 60_000;
/** Far longer than calculation and faults together, so that only the plan decides whether a calculation expires. */
const EXPIRE_LATE_SECONDS = 3 * 3600;
/** Results arrive before or after it, depending on the faults. */
const EXPIRE_SOON_SECONDS = 300;

export function drawPlan(seed: number): CampaignPlan {
  const random = createSeededRandom(seed).fork('campaign plan');
  const candidates = drawCandidates(random);
  const kind = candidates.from === 'data' && random.chance(0.3) ? 'replay' : 'simulated';
  const expiresSoon = random.chance(0.1);
  const first = drawConfig(random, candidates, kind, expiresSoon ? EXPIRE_SOON_SECONDS : EXPIRE_LATE_SECONDS);
  const second = {
    ...first,
    name: 'other',
    seed: first.seed + 1,
    acquisition: otherStrategy(first.acquisition, random.pick(COMPARED_STRATEGIES)),
    calculator: { ...first.calculator, kind: otherKind(createSeededRandom(seed), first) },
  };
  const layout = random.chance(0.5) ? 'embedded' : 'cluster';
  const nodes = { shards: 1 + random.int(3), writers: 1 + random.int(2), workers: 1 + random.int(2) };
  const calmAfterMs = random.pick([5, 15, 40]) * MINUTE_MS;
  const arms = random.chance(0.25) ? [first, second] : [first];
  const sources = drawSources(random, first);
  return {
    seed,
    arms,
    sources,
    calculations: {
      seed,
      failing: random.pick([0, 0.1, 0.4]),
      neverReturning: random.pick([0, 0, 0.1]),
      notANumber: random.pick([0, 0.1]),
      msMax: expiresSoon ? 10 * MINUTE_MS : random.pick([0, 10_000, 10 * MINUTE_MS]),
    },
    expiresSoon,
    layout,
    nodes,
    rates: drawRates(random),
    calmAfterMs,
    campaignMsMax: 48 * 60 * MINUTE_MS,
    settlingMs: 30 * MINUTE_MS,
    outages: drawOutages(random, calmAfterMs),
    wallClocks: drawWallClocks(createSeededRandom(seed).fork('wall clocks'), nodeNames(layout, nodes), calmAfterMs),
    interruptions: drawInterruptions(random, nodeNames(layout, nodes), calmAfterMs),
    junk: drawJunk(random, calmAfterMs),
    latecomers: drawLatecomers(random, sources.length, calmAfterMs),
    tableLosses: drawTableLosses(createSeededRandom(seed).fork('table losses'), calmAfterMs),
  };
}

export function nodeNames(layout: CampaignPlan['layout'], nodes: CampaignPlan['nodes']): string[] {
  if (layout === 'embedded') return ['solo'];
  const several = (kind: string, count: number) => Array.from({ length: count }, (_, i) => `${kind}-${i + 1}`);
  return [
    ...several('shard', nodes.shards),
    ...several('writer', nodes.writers),
    ...several('worker', nodes.workers),
    'client',
  ];
}

function drawCandidates(random: SeededRandom): CandidateSource {
  if (random.chance(0.35)) return { from: 'files', paths: ['candidates.cif'] };
  return random.chance(0.5) ? { from: 'data', count: 6 + random.int(4) } : { from: 'data', fraction: 0.3 };
}

function drawConfig(
  random: SeededRandom,
  candidates: CandidateSource,
  kind: ProgramSettings['kind'],
  expireAfterSeconds: number,
): ProgramConfig {
  const data = Array.from({ length: 1 + random.int(2) }, (_, i) => ({
    kind: 'file' as const,
    path: `data-${i}.jsonl`,
    labelSet: `set-${i}`,
  }));
  const stop: StopRule = random.pick([{ rounds: 2 }, { rounds: 3 }, { labels: 6 }, { labels: 6, rounds: 3 }]);
  return {
    ...CONFIG,
    name: 'campaign',
    seed: random.int(1000),
    data,
    candidates,
    // A draw of its own, so that the others of a seed stay as they were.
    ...(random.fork('reserve').chance(0.4) && { reserve: { count: 2 } }),
    stop,
    labels: random.shuffle(data.map(({ labelSet }) => ({ labelSet }))),
    candidateFilters: { ...CONFIG.candidateFilters, polymorphs: random.chance(0.3) },
    features: random.pick(['paper', 'c']),
    targets: random.pick([MODULI, ['g_vrh'], ['k_vrh']] as const),
    sampling: {
      model: drawSamplingModel(random),
      testFraction: 0.2,
      holdOutFraction: random.pick([0, 0.2]),
      trainAcquired: random.chance(0.5),
    },
    ensemble: { members: 2 + random.int(3), booster: { ...CONFIG.ensemble.booster, trees: 10 } },
    acquisition: {
      ...otherStrategy(CONFIG.acquisition, random.pick(COMPARED_STRATEGIES)),
      batch: 2 + random.int(3),
    },
    calculator: {
      ...CONFIG.calculator,
      kind,
      mishaps: {
        failureRate: random.pick([0, 0.3]),
        neverReturningRate: random.pick([0, 0, 0.1]),
        delaySeconds: random.pick([0, 60]),
      },
      attempts: 1 + random.int(3),
      expireAfterSeconds,
    },
  };
}

/** Replay can only reveal labels of candidates that come from the data. */
function otherKind(random: SeededRandom, { candidates, calculator }: ProgramConfig): ProgramSettings['kind'] {
  if (candidates.from === 'files' || random.fork('calculator of the other').chance(0.5)) return calculator.kind;
  return calculator.kind === 'replay' ? 'simulated' : 'replay';
}

function drawSamplingModel(random: SeededRandom): SamplingModel {
  return random.pick<SamplingModel>([
    { model: 1, focusElement: 'Na' },
    { model: 2 },
    { model: 3, trainFromGpa: { g_vrh: 30, k_vrh: 60 } },
  ]);
}

function drawSources(random: SeededRandom, { data, candidates }: ProgramConfig): PlannedSource[] {
  const sourceOf = (path: string, labelSet: string, items: SourceItem[]): PlannedSource => {
    return { id: `${path}@sha256:0123456789abcdef`, labelSet, items };
  };
  const labelled = data.map(({ path, labelSet }, i) => {
    const items = syntheticItems((i === 0 ? 45 : 20) + random.int(10), random, { labelled: 0.8 });
    // Materials of two files may share an id but differ in structure: these are two versions.
    return sourceOf(path, labelSet, i === 0 ? items : renamed(items, random.pick(['sim', 'more'])));
  });
  if (candidates.from === 'data') return labelled;
  const files = candidates.paths.map((path) => {
    return sourceOf(path, path, renamed(syntheticItems(15, random, { labelled: 0 }), 'new'));
  });
  return [...labelled, ...files];
}

function renamed(items: readonly SourceItem[], prefix: string): SourceItem[] {
  return items.map((item) => {
    if (item.kind === 'rejection') return item;
    const id = parseMaterialId(item.material.id.replace('sim', prefix));
    return { ...item, material: { ...item.material, id } };
  });
}

/**
 * Each fault occurs at the usual rate, not at all, or three times as often. Faults that make a reader start again occur
 * at most at the usual rate, otherwise it would never finish.
 */
function drawRates(random: SeededRandom): FaultRates {
  const hindering = new Set(['sourceCut', 'readCut']);
  const scaled = Object.entries(ROUGH).map(([fault, rate]) => {
    const factor = random.pick(hindering.has(fault) ? [0, 1] : [0, 1, 1, 3]);
    return [fault, Math.min(0.9, factor * rate)];
  });
  return Object.fromEntries(scaled) as FaultRates;
}

function drawInterruptions(random: SeededRandom, names: readonly string[], calmAfterMs: number): Interruption[] {
  const count = random.int(2 + 3 * names.length);
  return Array.from({ length: count }, () => ({
    node: random.pick(names),
    // Most interruptions come early.
    atMs: Math.round(calmAfterMs ** random.uniform()),
    downMs: Math.round((5 * MINUTE_MS) ** random.uniform()),
    kind: random.chance(0.7) ? ('crash' as const) : ('stop' as const),
  }));
}

const REFUSALS = [
  ...['appendRefused', 'logRefused', 'readCut', 'controlRefused', 'modelsRefused', 'resultsRefused'],
  ...['calculatorRefused', 'workerLost'],
] as Fault[];

/** Often longer than a retry lasts: a node that gives up is started again. */
function drawOutages(random: SeededRandom, calmAfterMs: number): Outage[] {
  return Array.from({ length: Math.max(0, random.int(5) - 2) }, () => {
    const fromMs = Math.round(calmAfterMs ** random.uniform());
    return { fault: random.pick(REFUSALS), fromMs, toMs: fromMs + Math.round((10 * MINUTE_MS) ** random.uniform()) };
  });
}

/** Some clocks are wrong from the beginning, and some are set later: by hours, far longer than any wait. */
function drawWallClocks(
  random: SeededRandom,
  names: readonly string[],
  calmAfterMs: number,
): Readonly<Record<string, WallClock>> {
  const wrongByMs = () => random.pick([-1, 1]) * Math.round((1 + 23 * random.uniform()) * 60 * MINUTE_MS);
  const clockOf = (): WallClock => ({
    skewMs: random.chance(0.3) ? wrongByMs() : 0,
    jumps: random.chance(0.3) ? [{ atMs: Math.round(calmAfterMs ** random.uniform()), byMs: wrongByMs() }] : [],
  });
  return Object.fromEntries(names.map((name) => [name, clockOf()]));
}

/** Topics that a service handles; `examples` is only followed. */
const WORKED_ON: readonly (keyof Topics)[] = [
  ...(['materials', 'labels', 'features', 'calculations', 'results', 'training', 'members'] as const),
  ...(['campaigns', 'rejections'] as const),
];

function drawJunk(random: SeededRandom, calmAfterMs: number): Junk[] {
  return Array.from({ length: random.pick([0, 0, 3]) }, () => ({
    topic: random.pick(WORKED_ON),
    atMs: Math.round(calmAfterMs ** random.uniform()),
    foreign: random.chance(0.5),
  }));
}

function drawLatecomers(random: SeededRandom, sources: number, calmAfterMs: number): Latecomer[] {
  return Array.from({ length: random.pick([0, 0, 2]) }, () => {
    return { source: random.int(sources), atMs: Math.round(calmAfterMs ** random.uniform()) };
  });
}

function drawTableLosses(random: SeededRandom, calmAfterMs: number): TableLoss[] {
  return Array.from({ length: random.pick([0, 0, 1, 2]) }, () => {
    const atMs = Math.round(calmAfterMs ** random.uniform());
    const copy = { copiedAtMs: Math.round(atMs * random.uniform()) };
    return { atMs, lost: random.pick<TableLoss['lost']>(['predictions', 'others', copy]) };
  });
}
