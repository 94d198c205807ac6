import { memberKey } from '../../src/learning/campaign-state.ts';
import { MaterialCatalogue } from '../../src/learning/material-catalogue.ts';
import type { TrainMember } from '../../src/model/events.ts';
import type { TopicPartition } from '../../src/ports/event-log.ts';
import type { ModelStore } from '../../src/ports/model-store.ts';
import type { Regressor } from '../../src/ports/regressor.ts';
import type { ResultStore } from '../../src/ports/result-store.ts';
import type { TrainingShard } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { startConsumer } from '../../src/runtime/consumer.ts';
import { decodeRecords } from '../../src/runtime/decode-records.ts';
import { startFollower } from '../../src/runtime/follower.ts';
import { createPositions } from '../../src/runtime/positions.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { combineServices, type Service, type ServicePorts } from '../../src/runtime/service.ts';
import { createCampaignBook } from './campaign-book.ts';
import { createExampleFormer } from './example-former.ts';
import { trainMember } from './member-training.ts';
import { createModelCache } from './model-cache.ts';
import { restorePredictions } from './prediction-restoring.ts';
import { createPredictionStorage } from './prediction-storage.ts';
import { createRankingCalls } from './ranking-calls.ts';
import { createRoundPreparation } from './round-preparation.ts';

export interface TrainingShardOptions {
  readonly ports: ServicePorts;
  readonly regressor: Regressor;
  readonly models: ModelStore;
  /** Absent where nobody asks for tables. */
  readonly results?: ResultStore;
  /** Architecture, Node major, LightGBM hash, code version. */
  readonly engine: string;
  readonly onStorageFailure?: (error: unknown) => void;
}

export interface RunningShard extends Service {
  readonly calls: TrainingShard;
  /** Resolves when the predictions ranked so far are in the result store, or given up. */
  predictionsStored(): Promise<void>;
}

/** Models of two targets of two rounds of a large ensemble. */
const CACHED_MODELS_MAX = 400;

/**
 * A shard: forms examples from the labels and features of its partitions, trains the members whose commands reach it,
 * and ranks the candidates of its partitions.
 */
export async function startTrainingShard(options: TrainingShardOptions): Promise<RunningShard> {
  const { ports, regressor, models, engine } = options;
  const { topics, log } = ports;
  const publisher = createPublisher(ports, 'training-shard');
  const catalogue = new MaterialCatalogue({ vectors: true, partitions: topics.materials.partitions });
  const book = createCampaignBook();
  const former = createExampleFormer(topics, catalogue);
  const storedPredictions = new Set<string>();
  const follower = await startFollower(ports, {
    topics: [topics.campaigns, topics.members, topics.examples],
    apply(received) {
      const { event } = received;
      if (event.type === 'ExampleFormed') catalogue.addExample(event, received);
      else if (event.type === 'PredictionsStored') storedPredictions.add(`${event.snapshotHash} ${event.partition}`);
      else book.take(received);
    },
  });
  const parts = { topics, book, catalogue, follower, regressor };
  const preparation = createRoundPreparation(parts);
  const training = { regressor, models, engine, cache: createModelCache(CACHED_MODELS_MAX), context: ports };
  const storage =
    options.results &&
    createPredictionStorage({
      ...{ results: options.results, publisher, context: ports },
      onFailure: options.onStorageFailure ?? (() => {}),
    });
  const featured = createPositions(topics.features.partitions, -1);
  const atWork = new Map<string, Promise<void>>();

  const data = await startConsumer(ports, publisher, {
    group: 'training-shard',
    topics: [topics.labels.name, topics.features.name],
    async onAssigned(partitions) {
      const ranges = partitions.map(({ offset: to, ...at }) => ({ ...at, from: 0, to }));
      for await (const batch of log.read(ranges.filter(({ to }) => to > 0))) {
        // What follows from these was published before their offsets were committed.
        for (const received of decodeRecords(batch).received) former.take(received);
      }
      for (const { topic, partition, offset } of partitions) noteFeatures(topic, partition, offset);
      restore(partitions);
    },
    async onRevoked(partitions) {
      for (const { partition } of partitions) {
        former.drop(partition);
        featured.set(partition, -1);
      }
    },
    async handle(received, { topic, partition, offset }) {
      await publisher.publish(received.flatMap((one) => former.take(one)));
      noteFeatures(topic, partition, offset);
    },
  });

  function restore(assigned: readonly TopicPartition[]): void {
    if (storage === undefined) return;
    const partitions = assigned.filter(({ topic }) => topic === topics.features.name).map(({ partition }) => partition);
    restorePredictions(partitions, {
      ...{ topics, book, storage, featured, training },
      prepare: () => createRoundPreparation(parts),
      isStored: (snapshotHash, partition) => storedPredictions.has(`${snapshotHash} ${partition}`),
    });
  }

  function noteFeatures(topic: string, partition: number, offset: number): void {
    if (topic === topics.features.name) featured.set(partition, offset);
  }

  async function train({ campaign, round, snapshotHash, member }: TrainMember): Promise<void> {
    const isTrained = () => book.state(campaign).rounds.get(round)?.models.has(memberKey(snapshotHash, member));
    if (isTrained()) return;
    const prepared = await preparation.prepare(campaign, round, snapshotHash);
    if (prepared === undefined) return;
    const event = await trainMember(prepared, member, training);
    if (!isTrained()) await publisher.publish([{ event }]);
  }

  const commands = await startConsumer(ports, publisher, {
    group: 'training',
    topics: [topics.training.name],
    // One more than can train: the next is prepared while these are at work.
    concurrency: regressor.workers + 1,
    batchRecordsMax: 1,
    async handle(received) {
      for (const { event } of received) {
        if (event.type !== 'TrainMember') continue;
        await awaitOpened(event);
        const key = memberKey(event.snapshotHash, event.member);
        // The same command twice, from two partitions' worth of deliveries, is one piece of work.
        const working = atWork.get(key) ?? train(event).finally(() => atWork.delete(key));
        atWork.set(key, working);
        await working;
      }
    },
  });

  /** A command follows from its round's opening, which may reach this node a moment later. */
  async function awaitOpened({ campaign, round }: TrainMember): Promise<void> {
    if (book.state(campaign).rounds.get(round)?.opened) return;
    await follower.reached(topics.campaigns.name, await log.endOffsets(topics.campaigns.name));
  }

  return {
    ...combineServices([follower, closing(preparation.close), data, commands]),
    calls: createRankingCalls({ topics, log, book, follower, preparation, training, featured, storage }),
    async predictionsStored() {
      await storage?.idle();
    },
  };
}

function closing(stop: () => Promise<void>): Service {
  return { stop, failed: new Promise<never>(() => {}) };
}
