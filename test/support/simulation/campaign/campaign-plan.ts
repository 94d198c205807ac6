import type {
  CalculatorSettings,
  CampaignConfig,
  CandidateSource,
  StopRule,
} from '../../../../src/learning/campaign/campaign-config.ts';
import { STRATEGY_NAMES } from '../../../../src/learning/campaign/campaign-config.ts';
import type { SamplingModel } from '../../../../src/learning/ensemble/sampling-model.ts';
import { parseMaterialId } from '../../../../src/model/material-id.ts';
import { MODULI } from '../../../../src/model/target.ts';
import type { Topics } from '../../../../src/model/topics.ts';
import type { SourceItem } from '../../../../src/ports/material-source.ts';
import { CONFIG } from '../../campaigns.ts';
import { type Fault, type FaultRates, ROUGH } from '../fault-rates.ts';
import { createSeededRandom, type SeededRandom } from '../seeded-random.ts';
import type { CalculationScript } from '../simulated-calculator.ts';
import { syntheticItems } from '../simulated-source.ts';
import type { Outage } from '../surroundings.ts';
import type { WallClock } from '../wall-clock.ts';
import type { SimulatedBrokersPlan } from '../world.ts';

/** A campaign, the data it begins with, and all that shall go wrong meanwhile: drawn from a seed. */
export interface CampaignPlan {
  readonly seed: number;
  /** Campaigns on the same data, beside each other in one log, not always with the same kind of calculator. */
  readonly arms: readonly CampaignConfig[];
  /** Those of the data, then those of the candidates. */
  readonly sources: readonly PlannedSource[];
  readonly calculations: Partial<CalculationScript>;
  /** Whether calculations expire about when they end: then the run may go another way than the reference. */
  readonly expiresSoon: boolean;
  readonly layout: 'embedded' | 'cluster';
  /** How many nodes of a cluster do what. */
  readonly nodes: { readonly shards: number; readonly writers: number; readonly workers: number };
  readonly rates: FaultRates;
  readonly calmAfterMs: number;
  /** Rounds may each wait for a calculation that expires. */
  readonly campaignMsMax: number;
  /** So long after peace the tables have what they shall have. */
  readonly settlingMs: number;
  /** With it the log is Kafka's adapter over simulated brokers. */
  readonly kafka?: SimulatedBrokersPlan | undefined;
  /** Of Kafka's log only. */
  readonly flips?: readonly PlannedFlip[];
  /** Without it all nodes are of one version. */
  readonly versions?: PlannedVersions | undefined;
  readonly outages: readonly Outage[];
  /** What the nodes' clocks show; some are right. */
  readonly wallClocks: Readonly<Record<string, WallClock>>;
  readonly interruptions: readonly Interruption[];
  /** When somebody drops tables, or puts an old copy of all of them in their place. */
  readonly tableLosses: readonly TableLoss[];
  /** When somebody appends what nobody can understand, and where. */
  readonly junk: readonly Junk[];
  /** Who brings more under the name of a source that is complete. */
  readonly latecomers: readonly Latecomer[];
}

/** A bit of the log changes on a broker's disk, until somebody puts another disk in its place. */
export interface PlannedFlip {
  readonly topic: keyof Topics;
  readonly atMs: number;
  readonly forMs: number;
  /** Which of the events that are there by then, from 0 to below 1. */
  readonly event: number;
  readonly bit: number;
}

/** When each node is stopped and comes back as a newer one. */
export interface PlannedVersions {
  readonly upgrades: Readonly<Record<string, number>>;
}

export interface PlannedSource {
  readonly id: string;
  readonly labelSet: string;
  readonly items: readonly SourceItem[];
}

/** Somebody who brings more under a source's name after another client has completed it. */
export interface Latecomer {
  /** Place in the plan's sources. */
  readonly source: number;
  readonly atMs: number;
}

export interface Junk {
  readonly topic: keyof Topics;
  readonly atMs: number;
  /** Of no type of ours; otherwise of one, with bytes that are no message. */
  readonly foreign: boolean;
}

export interface TableLoss {
  readonly atMs: number;
  /** What is filled together is lost together; of an old copy, when it was made. */
  readonly lost: 'predictions' | 'others' | { readonly copiedAtMs: number };
}

/** A node goes down at some time and comes back later. */
export interface Interruption {
  readonly node: string;
  readonly atMs: number;
  readonly downMs: number;
  /** A stop lets the node finish what is at work, as a rolling upgrade does. */
  readonly kind: 'crash' | 'stop';
}

const MINUTE_MS = 60_000;
/** Far beyond what calculation and faults take together, so that whether one expires is decided by the plan alone. */
const EXPIRE_LATE_SECONDS = 3 * 3600;
/** So that results come before and after, as the faults have it. */
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
    acquisition: { ...first.acquisition, strategy: random.pick(STRATEGY_NAMES) },
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
  kind: CalculatorSettings['kind'],
  expireAfterSeconds: number,
): CampaignConfig {
  const data = Array.from({ length: 1 + random.int(2) }, (_, i) => ({
    kind: 'file' as const,
    path: `data-${i}.jsonl`,
    labelSet: `set-${i}`,
  }));
  const stop: StopRule = random.pick([{ rounds: 2 }, { rounds: 3 }, { labels: 6 }, { labels: 6, rounds: 3 }]);
  return {
    ...CONFIG,
    ...{ name: 'campaign', seed: random.int(1000), data, candidates, stop },
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
    acquisition: { ...CONFIG.acquisition, strategy: random.pick(STRATEGY_NAMES), batch: 2 + random.int(3) },
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

/** Replay can reveal labels of candidates from the data alone. */
function otherKind(random: SeededRandom, { candidates, calculator }: CampaignConfig): CalculatorSettings['kind'] {
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

function drawSources(random: SeededRandom, { data, candidates }: CampaignConfig): PlannedSource[] {
  const sourceOf = (path: string, labelSet: string, items: SourceItem[]): PlannedSource => {
    return { id: `${path}@sha256:0123456789abcdef`, labelSet, items };
  };
  const labelled = data.map(({ path, labelSet }, i) => {
    const items = syntheticItems((i === 0 ? 45 : 20) + random.int(10), random, { labelled: 0.8 });
    // Materials of two files may share an id and differ in structure: two versions.
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

/** Each fault at the usual rate, not at all, or thrice as often; who begins again at each would not get anywhere then. */
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
    // Most of what happens happens early.
    atMs: Math.round(calmAfterMs ** random.uniform()),
    downMs: Math.round((5 * MINUTE_MS) ** random.uniform()),
    kind: random.chance(0.7) ? ('crash' as const) : ('stop' as const),
  }));
}

const REFUSALS = [
  ...['appendRefused', 'logRefused', 'readCut', 'controlRefused', 'modelsRefused', 'resultsRefused'],
  ...['calculatorRefused', 'workerLost'],
] as Fault[];

/** Longer than a retry lasts, often: who gives up then is started again. */
function drawOutages(random: SeededRandom, calmAfterMs: number): Outage[] {
  return Array.from({ length: Math.max(0, random.int(5) - 2) }, () => {
    const fromMs = Math.round(calmAfterMs ** random.uniform());
    return { fault: random.pick(REFUSALS), fromMs, toMs: fromMs + Math.round((10 * MINUTE_MS) ** random.uniform()) };
  });
}

/** Some clocks are wrong from the beginning, and some are set meanwhile: by hours, far beyond what any wait takes. */
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

/** Topics that a service works on; `examples` is only followed. */
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
