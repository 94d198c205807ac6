import { type RunningAcquisition, startAcquisition } from '../../../../services/acquisition/acquisition.ts';
import { startCalculation } from '../../../../services/calculation/calculation.ts';
import { startEmbedded } from '../../../../services/embedded/embedded.ts';
import { startFeaturization } from '../../../../services/featurization/featurization.ts';
import { LOOP_FEATURE_SCHEMA } from '../../../../services/featurization/loop-featurizer.ts';
import { startIngestion } from '../../../../services/ingestion/ingestion.ts';
import { startProjection } from '../../../../services/projection/projection.ts';
import { startTrainingShard } from '../../../../services/training-shard/training-shard.ts';
import { createRecipeCalculator } from '../../../../src/adapters/calculators/recipe-calculator.ts';
import { createReplayCalculator } from '../../../../src/adapters/calculators/replay-calculator.ts';
import { createIngestedSources, createLogLookup } from '../../../../src/reading/log-lookup.ts';
import { createPublisher } from '../../../../src/runtime/publisher.ts';
import { retrying } from '../../../../src/runtime/retry.ts';
import { combineServices, createFailure, type Service, type ServicePorts } from '../../../../src/runtime/service.ts';
import { ingestSource } from '../../ingest-source.ts';
import { SIMULATED_TOPICS as TOPICS } from '../service-world.ts';
import type { NodePorts } from '../world.ts';
import { notedIngestion, notedSources } from './client-history.ts';
import { createRankRouter } from './rank-router.ts';
import { ENGINE, NEWER_ENGINE, type Stage, watchedCalculator, watchedLog } from './stage.ts';
import { newerLog } from './two-versions.ts';

/** The parts of a node from its start to its crash. */
export interface NodeStart {
  readonly stage: Stage;
  /** `shard-1` */
  readonly name: string;
  /** The name with the number of its life: `shard-1#2`. */
  readonly who: string;
  readonly ports: NodePorts;
  /** Whether it has been upgraded. */
  readonly isNewer: boolean;
}

/** Starts the service that the node's name says. */
export function startNode(given: NodeStart): Promise<Service> {
  const start = given.isNewer ? { ...given, ports: { ...given.ports, log: newerLog(given.ports.log) } } : given;
  const kind = start.name.split('-')[0];
  if (kind === 'solo') return startSolo(start);
  if (kind === 'shard') return startShard(start);
  if (kind === 'writer') return startWriter(start);
  return kind === 'worker' ? startWorker(start) : startClient(start);
}

/** Everything in one process, as in `elastream run`. */
async function startSolo(start: NodeStart): Promise<Service> {
  const { ports, name, stage } = start;
  const watched = watchedCalculator(createCalculator(start), stage, start.who);
  const shared = withTopics(ports, watched.log(ports.log));
  const loop = await startEmbedded({
    ports: shared,
    control: ports.controlPlane,
    models: ports.modelStore,
    regressor: ports.regressor,
    featurizer: ports.featurizer,
    calculator: watched.calculator,
    results: ports.resultStore,
    writer: name,
    engine: start.isNewer ? NEWER_ENGINE : ENGINE,
  });
  stage.acquisitions.set(name, loop.acquisition);
  const driving = endless(async () => {
    await ingestMissing(start);
    await createCampaigns(stage, loop.acquisition);
  });
  return combineServices([loop, driving]);
}

async function startShard({ ports, name, stage, isNewer }: NodeStart): Promise<Service> {
  const owned = new Set<number>();
  const log = watchedLog(ports.log, 'training-shard', (gained, lost) => {
    for (const { partition } of gained) owned.add(partition);
    for (const { partition } of lost) owned.delete(partition);
  });
  const shared = withTopics(ports, log);
  await declare(shared);
  const shard = await startTrainingShard({
    ports: shared,
    regressor: ports.regressor,
    models: ports.modelStore,
    results: ports.resultStore,
    engine: isNewer ? NEWER_ENGINE : ENGINE,
  });
  stage.shards.set(name, { calls: shard.calls, owned });
  return shard;
}

async function startWriter({ ports, name, who, stage }: NodeStart): Promise<Service> {
  const shared = withTopics(ports);
  await declare(shared);
  const acquisition = await startAcquisition({
    ports: shared,
    control: ports.controlPlane,
    writer: who,
    featureSchema: LOOP_FEATURE_SCHEMA,
    shards: createRankRouter(ports.clock, () => stage.shards.values()),
  });
  stage.acquisitions.set(name, acquisition);
  return combineServices([acquisition, endless(() => createCampaigns(stage, acquisition))]);
}

async function startWorker(start: NodeStart): Promise<Service> {
  const { ports, stage, who } = start;
  const watched = watchedCalculator(createCalculator(start), stage, who);
  const shared = withTopics(ports, watched.log(ports.log));
  await declare(shared);
  return combineServices([
    await startFeaturization(shared, ports.featurizer),
    await startIngestion(shared),
    await startCalculation(shared, { calculator: watched.calculator }),
    await startProjection(shared, ports.resultStore),
  ]);
}

async function startClient(start: NodeStart): Promise<Service> {
  await declare(withTopics(start.ports));
  return endless(() => ingestMissing(start));
}

function withTopics({ log: own, clock, random }: NodePorts, log = own): ServicePorts {
  return { log, clock, random, topics: TOPICS };
}

function declare(ports: ServicePorts): Promise<void> {
  return retrying(ports, () => ports.log.declare(Object.values(TOPICS)));
}

/** The real replay calculator, which reveals hidden labels, and the world's calculator instead of the simulated one. */
function createCalculator({ ports }: NodeStart) {
  const { labelsOf: knownLabels } = createLogLookup(ports.log, TOPICS);
  const replay = createReplayCalculator({ knownLabels, clock: ports.clock });
  return createRecipeCalculator({ replay, simulated: ports.calculator });
}

/** Does what a user's command does: submits the sources that are not yet in the log. */
async function ingestMissing({ stage, ports, who }: NodeStart): Promise<void> {
  const shared = withTopics(ports);
  const publisher = createPublisher(shared, 'ingestion');
  const done = await notedSources(stage, who, () => retrying(shared, () => createIngestedSources(ports.log, TOPICS)()));
  for (const { id, labelSet, items } of stage.plan.sources) {
    if (done.has(id)) continue;
    const source = ports.source(id, items);
    const ingest = () => ingestSource(source, { topics: TOPICS, publisher, labelSet });
    await notedIngestion(stage, who, id, () => retrying(shared, ingest));
  }
}

async function createCampaigns({ plan }: Stage, acquisition: RunningAcquisition): Promise<void> {
  const ids = plan.sources.map(({ id }) => id);
  for (const config of plan.arms) await acquisition.create(config.name, config, ids);
}

/** Work besides the services; if it fails, the node fails. */
function endless(work: () => Promise<void>): Service {
  const failure = createFailure();
  work().catch(failure.fail);
  return { failed: failure.promise, stop: async () => {} };
}
