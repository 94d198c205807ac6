import { startAcquisition } from '../../../../services/acquisition/acquisition.ts';
import { startCalculation } from '../../../../services/calculation/calculation.ts';
import { startFeaturization } from '../../../../services/featurization/featurization.ts';
import { LOOP_FEATURE_SCHEMA } from '../../../../services/featurization/loop-featurizer.ts';
import { startIngestion } from '../../../../services/ingestion/ingestion.ts';
import { startProjection } from '../../../../services/projection/projection.ts';
import { startTrainingShard } from '../../../../services/training-shard/training-shard.ts';
import type { Calculator } from '../../../../src/ports/calculator.ts';
import type { ServicePorts } from '../../../../src/runtime/service.ts';
import type { LogContent } from '../checked-guarantees.ts';
import { receivedIn, SIMULATED_TOPICS as TOPICS } from '../service-world.ts';
import { createWorld, type World } from '../world.ts';
import { comparable } from './recorded-log.ts';
import { differingRounds } from './replayed-rounds.ts';
import { ENGINE } from './stage.ts';

const HOUR_MS = 3_600_000;

export interface Replay {
  /** With the tables that a new projection has filled. */
  readonly world: World;
  /** The parts that differ from the recording, and anything that the new handlers did in addition. */
  readonly broken: readonly string[];
}

/**
 * Guarantee 4a: new handlers read a log from its beginning, without any model, and recompute every snapshot, model,
 * selection and metric. They append nothing that is already in the log (1) and calculate nothing again (2).
 */
export async function replayLog(recorded: World): Promise<Replay> {
  const world = worldWith(recorded);
  const { log, clock, random, controlPlane: control, modelStore: models, ...node } = world.node('replay').ports();
  const ports: ServicePorts = { log, clock, random, topics: TOPICS };
  const calculated: string[] = [];
  const starting = async () => {
    const shard = await startTrainingShard({ ports, models, regressor: node.regressor, engine: ENGINE });
    await startFeaturization(ports, node.featurizer);
    await startIngestion(ports);
    await startCalculation(ports, { calculator: noting(calculated) });
    await startProjection(ports, node.resultStore);
    const { calls: shards } = shard;
    const acquisition = { ports, control, shards, writer: 'replay', featureSchema: LOOP_FEATURE_SCHEMA };
    await startAcquisition(acquisition);
    return shards;
  };
  const shards = await world.clock.outcome(starting(), HOUR_MS);
  await world.clock.advance(HOUR_MS);
  const differing = await world.clock.outcome(differingRounds(world, shards, ports), HOUR_MS);
  const answered = new Set<string>();
  for (const { event } of receivedIn(world, TOPICS.results)) {
    if (event.type === 'ResultReceived') answered.add(event.calculationId);
  }
  const again = calculated.filter((id) => answered.has(id));
  return {
    world,
    broken: [
      ...differing.map((line) => `(4a) ${line}`),
      ...again.map((id) => `(2) a replay runs ${id} again`),
      ...added(world.logContent(), recorded.logContent()).map((line) => `(1) a replay adds ${line.slice(0, 300)}`),
    ],
  };
}

function worldWith(recorded: World): World {
  const world = createWorld({ seed: 1 });
  const { log } = world.stored;
  log.declare(Object.values(TOPICS));
  for (const [topic, partitions] of recorded.logContent()) {
    for (const [partition, records] of partitions.entries()) {
      const at = { topic, partition };
      for (const record of records) log.store(at, [record], [record.offset - log.endOffset(at), 0]);
      log.store(at, [], [recorded.stored.log.endOffset(at) - log.endOffset(at), 0]);
    }
  }
  return world;
}

/** Records its jobs and never answers. */
function noting(calculated: string[]): Calculator {
  return {
    run(job) {
      calculated.push(job.calculationId);
      return new Promise(() => {});
    },
  };
}

function added(content: LogContent, before: LogContent): string[] {
  const events = (log: LogContent) =>
    [...log].flatMap(([topic, partitions]) =>
      partitions.flat().map((record) => `${topic} ${comparable(topic, record)}`),
    );
  const known = new Set(events(before));
  return events(content).filter((event) => !known.has(event));
}
