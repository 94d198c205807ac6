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
  /** Probabilities per operation; what is not named does not happen. `CALM` and `ROUGH` are ready-made. */
  readonly faults?: Partial<FaultRates>;
  /** Peace from some time or number of faults on, so that what runs comes to its end. */
  readonly calmAfter?: CalmAfter;
  readonly outages?: readonly Outage[];
  /** By node, what its clock shows; without it, the world's own time. */
  readonly wallClocks?: Readonly<Record<string, WallClock>>;
  /** What becomes of calculations, whatever the faults. */
  readonly calculations?: Partial<CalculationScript>;
  /** With it the log is Kafka's adapter over simulated brokers, else a log that knows its faults itself. */
  readonly kafka?: SimulatedBrokersPlan;
}

export interface SimulatedBrokersPlan {
  readonly brokers: number;
  readonly weather: Weather;
}

/** What a service is given: its ways to everything that all nodes share. */
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
  /** Those of the present life; after `crash` nothing that was asked of them, or will be, ever settles. */
  ports(): NodePorts;
  /** Kills the node: its calls may or may not have reached what they were sent to, its consumers commit no more. */
  crash(): void;
  /** Crashes it where it still lives, and gives the ports of its next life. */
  restart(): NodePorts;
}

/** A world in which the services run as they are, with all that can go wrong drawn from a seed. */
export interface World {
  readonly clock: VirtualClock;
  /** For the test's own use; `fork` it. */
  readonly random: SeededRandom;
  /** The node of that name, started at the first call. */
  node(name: string): SimulatedNode;
  /** What is stored, as it is, without any fault between. */
  readonly stored: {
    readonly log: StoredLog;
    readonly models: StoredModels;
    readonly results: StoredResults;
    readonly jobs: StartedJobs;
  };
  /** Where the log is Kafka's adapter. */
  readonly brokers: SimulatedBrokers | undefined;
  /** Every event that a producer was told to be safe. */
  readonly acknowledged: readonly AcknowledgedEvent[];
  /** How often each fault has come about. */
  readonly struck: ReadonlyMap<Fault, number>;
  /** One line per thing that happened: virtual ms, who, what. */
  readonly story: readonly string[];
  /** Two runs of one seed must have the same. */
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
      // Each life has a beginning of its own, as each process has.
      monotonic: () => clock.now() - begun,
      // Timers count whole milliseconds: less than that would not move a clock of so many.
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
      ...{ name, crash, ports: () => ports },
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
    ...{ clock, random, brokers, acknowledged, struck: around.struck, story: around.story },
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

/** What all nodes share of the log, and each life's way to it. */
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
