import { createHash } from 'node:crypto';
import { createControlPlane } from '../../../src/adapters/in-process/control-plane.ts';
import type { Calculator } from '../../../src/ports/calculator.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { ControlPlane } from '../../../src/ports/control-plane.ts';
import type { EventLog } from '../../../src/ports/event-log.ts';
import type { Featurizer } from '../../../src/ports/featurizer.ts';
import type { MaterialSource, SourceItem } from '../../../src/ports/material-source.ts';
import type { ModelStore } from '../../../src/ports/model-store.ts';
import type { Random } from '../../../src/ports/random.ts';
import type { Regressor } from '../../../src/ports/regressor.ts';
import type { ResultStore } from '../../../src/ports/result-store.ts';
import type { LogContent } from './checked-guarantees.ts';
import { CALM, type Fault, type FaultRates } from './fault-rates.ts';
import { createKafkaLog } from './kafka/kafka-log.ts';
import { createWeather, type Weather } from './kafka/kafka-weather.ts';
import type { SimulatedBrokers } from './kafka/simulated-brokers.ts';
import { createSimulatedKafka } from './kafka/simulated-kafka.ts';
import { createStoredKafkaLog } from './kafka/stored-kafka-log.ts';
import { createLife, type Life } from './life.ts';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';
import {
  CALCULATION_SCRIPT,
  type CalculationScript,
  createSimulatedCalculator,
  type StartedJobs,
} from './simulated-calculator.ts';
import { createSimulatedControlPlane } from './simulated-control-plane.ts';
import { createSimulatedFeaturizer } from './simulated-featurizer.ts';
import { createSimulatedGroups } from './simulated-groups.ts';
import { type AcknowledgedEvent, createSimulatedLog } from './simulated-log.ts';
import { createSimulatedModelStore, type StoredModels } from './simulated-model-store.ts';
import { createSimulatedRegressor } from './simulated-regressor.ts';
import { createSimulatedResultStore, createStoredResults, type StoredResults } from './simulated-result-store.ts';
import { createSimulatedSource } from './simulated-source.ts';
import { createStoredLog, type StoredLog } from './stored-log.ts';
import { type CalmAfter, createSurroundings, type Outage, type Surroundings } from './surroundings.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
import { type WallClock, wallClockMs } from './wall-clock.ts';

export interface WorldOptions {
  readonly seed: number;
  /** Probabilities per operation; faults that are not named do not occur. `CALM` and `ROUGH` are ready-made. */
  readonly faults?: Partial<FaultRates>;
  /** The time or number of faults from which on there are no faults, so that the running work ends. */
  readonly calmAfter?: CalmAfter;
  readonly outages?: readonly Outage[];
  /** The wall clock of each node; the world's own time if absent. */
  readonly wallClocks?: Readonly<Record<string, WallClock>>;
  /** The outcomes of calculations, independent of the faults. */
  readonly calculations?: Partial<CalculationScript>;
  /** If present, the log is Kafka's adapter over simulated brokers; otherwise a simulated log with its own faults. */
  readonly kafka?: SimulatedBrokersPlan;
}

export interface SimulatedBrokersPlan {
  readonly brokers: number;
  readonly weather: Weather;
}

/** The ports of a service: its access to everything that all nodes share. */
export interface NodePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: EventLog;
  readonly controlPlane: ControlPlane;
  readonly modelStore: ModelStore;
  readonly resultStore: ResultStore;
  readonly calculator: Calculator;
  readonly regressor: Regressor;
  readonly featurizer: Featurizer;
  source(id: string, items: readonly SourceItem[]): MaterialSource;
}

interface SimulatedNode {
  readonly name: string;
  /** The ports of the current life; after `crash` no pending or later call through them ever settles. */
  ports(): NodePorts;
  /** Kills the node: its calls may or may not have reached their target, and its consumers commit no more. */
  crash(): void;
  /** Crashes the node if it is still alive, and returns the ports of its next life. */
  restart(): NodePorts;
}

/** A world in which the real services run, with all faults drawn from a seed. */
export interface World {
  readonly clock: VirtualClock;
  /** For the test's own use; `fork` it. */
  readonly random: SeededRandom;
  /** The node with that name; the first call starts it. */
  node(name: string): SimulatedNode;
  /** The stored data, accessed directly and without faults. */
  readonly stored: {
    readonly log: StoredLog;
    readonly models: StoredModels;
    readonly results: StoredResults;
    readonly jobs: StartedJobs;
  };
  /** Present if the log is Kafka's adapter. */
  readonly brokers: SimulatedBrokers | undefined;
  /** Every event that a producer was told is durable. */
  readonly acknowledged: readonly AcknowledgedEvent[];
  /** The number of times that each fault occurred. */
  readonly struck: ReadonlyMap<Fault, number>;
  /** One line per thing that happened: virtual ms, who, what. */
  readonly story: readonly string[];
  /** Two runs with the same seed must have the same hash. */
  storyHash(): string;
  logContent(): LogContent;
}

export function createWorld(options: WorldOptions): World {
  const clock = createVirtualClock();
  const worldBegun = clock.now();
  const random = createSeededRandom(options.seed);
  const rates = { ...CALM, ...options.faults };
  const around = createSurroundings(clock, random, rates, options.calmAfter ?? {}, options.outages);
  const script = { ...CALCULATION_SCRIPT, ...options.calculations };
  const acknowledged: AcknowledgedEvent[] = [];
  const { stored: log, logOf, brokers } = createLogs(around, acknowledged, options.kafka);
  const controlPlane = createControlPlane(clock);
  const models: StoredModels = new Map();
  const results = createStoredResults();
  const jobs: StartedJobs = new Map();
  const nodes = new Map<string, SimulatedNode>();

  function nodeClock(life: Life): Clock {
    const begun = clock.now();
    const node = life.who.replace(/#.*/, '');
    return {
      now: () => wallClockMs(clock.now(), clock.now() - worldBegun, options.wallClocks?.[node]),
      // Each life has its own beginning, as each process has.
      monotonic: () => clock.now() - begun,
      // Timers count whole milliseconds: a smaller step would not advance such a clock.
      sleep: (ms, signal) => life.through(clock.sleep(Math.ceil(ms), signal)),
    };
  }

  const portsOf = (life: Life): NodePorts => ({
    clock: nodeClock(life),
    random: random.fork(`node ${life.who}`),
    log: logOf(life),
    controlPlane: createSimulatedControlPlane(around, life, controlPlane),
    modelStore: createSimulatedModelStore(around, life, models),
    resultStore: createSimulatedResultStore(around, life, results),
    calculator: createSimulatedCalculator(around, life, jobs, script),
    regressor: createSimulatedRegressor(around, life),
    featurizer: createSimulatedFeaturizer(around, life),
    source: (id, items) => createSimulatedSource(around, life, id, items),
  });

  function createNode(name: string): SimulatedNode {
    let lives = 1;
    let life = createLife(`${name}#1`);
    let ports = portsOf(life);
    const crash = () => {
      if (life.isOver()) return;
      around.tell(life.who, 'crashed');
      life.end();
    };
    return {
      name,
      crash,
      ports: () => ports,
      restart() {
        crash();
        life = createLife(`${name}#${++lives}`);
        ports = portsOf(life);
        around.tell(life.who, 'started');
        return ports;
      },
    };
  }

  return {
    clock,
    random,
    brokers,
    acknowledged,
    struck: around.struck,
    story: around.story,
    stored: { log, models, results, jobs },
    node(name) {
      const node = nodes.get(name) ?? createNode(name);
      nodes.set(name, node);
      return node;
    },
    storyHash: () => createHash('sha256').update(around.story.join('\n')).digest('hex'),
    logContent: () => new Map(log.topics().map(({ name }) => [name, log.records(name)])),
  };
}

/** The part of the log that all nodes share, and each life's access to it. */
function createLogs(around: Surroundings, acknowledged: AcknowledgedEvent[], plan?: SimulatedBrokersPlan) {
  if (!plan) {
    const stored = createStoredLog();
    const parts = { stored, groups: createSimulatedGroups(around, stored), acknowledged };
    const logOf = (life: Life) => createSimulatedLog(around, life, parts);
    return { stored, logOf, brokers: undefined };
  }
  const weather = createWeather(plan.weather, around);
  const kafka = createSimulatedKafka(around, plan.brokers, weather.accidents);
  weather.begin(kafka);
  return {
    stored: createStoredKafkaLog(kafka.brokers),
    brokers: kafka.brokers,
    logOf: (life: Life) => createKafkaLog(around, life, kafka, acknowledged),
  };
}
