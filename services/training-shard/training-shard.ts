import { latestSelectedRound } from '../../src/learning/campaign-step.ts';
import { MaterialCatalogue } from '../../src/learning/material-catalogue.ts';
import type { ModelStore } from '../../src/ports/model-store.ts';
import type { Regressor } from '../../src/ports/regressor.ts';
import type { ResultStore } from '../../src/ports/result-store.ts';
import type { TrainingShard } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { addToCatalogue } from '../../src/runtime/catalogued-events.ts';
import { startFollower } from '../../src/runtime/follower.ts';
import { createPositions, heldPartitions } from '../../src/runtime/positions.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { combineServices, type Service, type ServicePorts } from '../../src/runtime/service.ts';
import { createCampaignBook } from './campaign-book.ts';
import { startExampleForming } from './example-forming.ts';
import { startMemberCommands } from './member-commands.ts';
import { createModelCache } from './model-cache.ts';
import { type RestoringParts, restorePredictions } from './prediction-restoring.ts';
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
  /** Told, ascending, whenever the partitions change that this shard holds. */
  readonly onPartitions?: (held: readonly number[]) => void;
}

export interface RunningShard extends Service {
  readonly calls: TrainingShard;
  /** Resolves when the predictions ranked so far are in the result store, or given up. */
  predictionsStored(): Promise<void>;
}

/** Models of two targets of two rounds of a large ensemble. */
const CACHED_MODELS_MAX = 400;
/** A result store that is out of reach for longer than a retry lasts is tried again at this distance. */
const RESTORE_AFTER_MS = 300_000;

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
  const storedPredictions = new Set<string>();
  const stopping = new AbortController();
  let hasSelected = false;
  /** Not there yet when the first events come. */
  let restore = () => {};
  const follower = await startFollower(ports, {
    topics: [topics.campaigns, topics.members, topics.examples],
    apply(received) {
      const { event } = received;
      addToCatalogue(catalogue, topics, received);
      if (event.type === 'PredictionsStored') storedPredictions.add(`${event.snapshotHash} ${event.partition}`);
      else book.take(received);
      hasSelected ||= event.type === 'Selected';
    },
    onBatch() {
      if (hasSelected) restore();
      hasSelected = false;
    },
  });
  const parts = { topics, book, catalogue, follower, regressor, clock: ports.clock };
  const preparation = createRoundPreparation(parts);
  const training = { regressor, models, engine, cache: createModelCache(CACHED_MODELS_MAX), context: ports };
  const storage =
    options.results &&
    createPredictionStorage({
      ...{ results: options.results, publisher, context: ports },
      latestRound: (campaign) => latestSelectedRound(book.state(campaign)),
      onFailure(error) {
        options.onStorageFailure?.(error);
        void ports.clock.sleep(RESTORE_AFTER_MS, stopping.signal).then(() => stopping.signal.aborted || restore());
      },
    });
  const featured = createPositions(topics.features.partitions, -1);

  if (storage) {
    const restoring: RestoringParts = {
      ...{ topics, book, storage, featured, training },
      prepare: () => createRoundPreparation(parts),
      isStored: (snapshotHash, partition) => storedPredictions.has(`${snapshotHash} ${partition}`),
    };
    restore = () => restorePredictions(restoring);
  }

  const data = await startExampleForming({
    ...{ ports, publisher, engine, catalogue, featured, onAssigned: () => restore() },
    onPartitions: () => options.onPartitions?.(heldPartitions(featured)),
  });
  const commands = await startMemberCommands({ ports, publisher, book, follower, preparation, training });

  const own: Service = {
    failed: new Promise<never>(() => {}),
    async stop() {
      stopping.abort();
      await preparation.close();
    },
  };
  return {
    ...combineServices([follower, own, data, commands]),
    calls: createRankingCalls({ topics, log, book, follower, preparation, training, featured, storage }),
    async predictionsStored() {
      await storage?.idle();
    },
  };
}
