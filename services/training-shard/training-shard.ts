import { MaterialCatalogue } from '../../src/learning/data/material-catalogue.ts';
import { memberModel } from '../../src/learning/ensemble/member-models.ts';
import type { ModelStore } from '../../src/ports/model-store.ts';
import type { Regressor } from '../../src/ports/regressor.ts';
import type { ResultStore } from '../../src/ports/result-store.ts';
import type { TrainingShard } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { createCampaignStates } from '../../src/reading/campaign-states.ts';
import { createCatalogueProjection } from '../../src/reading/catalogue-projection.ts';
import { follow } from '../../src/reading/follow.ts';
import { createMembersReading } from '../../src/reading/members-reading.ts';
import type { Projection } from '../../src/reading/projection.ts';
import { createRoundMembers } from '../../src/reading/round-members.ts';
import { createTrainedMembers } from '../../src/reading/trained-members.ts';
import { createPositions, heldPartitions } from '../../src/runtime/positions.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { createRecentValues } from '../../src/runtime/recent-values.ts';
import { combineServices, type Service, type ServicePorts } from '../../src/runtime/service.ts';
import { startExampleForming } from './example-forming.ts';
import { startMemberCommands } from './member-commands.ts';
import type { Model } from './member-training.ts';
import { createModelRetention } from './model-retention.ts';
import { createPredictionKeeping } from './prediction-keeping.ts';
import { createRankingCalls } from './ranking-calls.ts';
import { createRoundModels } from './round-models.ts';
import { createRoundPreparation } from './round-preparation.ts';
import { createStoredPredictions } from './stored-predictions.ts';

export interface TrainingShardOptions {
  readonly ports: ServicePorts;
  readonly regressor: Regressor;
  readonly models: ModelStore;
  /** Absent where nobody asks for tables. */
  readonly results?: ResultStore;
  /** Of each campaign, the models of so many rounds that have selected are kept; 1 unless told, Infinity for all. */
  readonly keepModels?: number;
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

/**
 * A shard: forms examples from the labels and features of its partitions, trains the members whose commands reach it,
 * and ranks the candidates of its partitions.
 */
export async function startTrainingShard(options: TrainingShardOptions): Promise<RunningShard> {
  const { ports, regressor, models, engine } = options;
  const { topics, log } = ports;
  const publisher = createPublisher(ports, 'training-shard');
  const catalogue = new MaterialCatalogue({ vectors: true, partitions: topics.materials.partitions });
  const states = createCampaignStates(topics.campaigns, topics.members);
  const trained = createTrainedMembers(topics.members, memberModel);
  const reading = createMembersReading(topics.members, states);
  const old = createRoundMembers(log, topics.members);
  const roundModels = createRoundModels({ states, trained, reading, old });
  const stored = createStoredPredictions(topics.materials.partitions);
  const storedNotes: Projection = {
    topics: [topics.members],
    take: ({ event }) => event.type === 'PredictionsStored' && stored.note(event),
  };
  let hasSelected = false;
  states.onChange(({ event }) => {
    hasSelected ||= event.type === 'Selected';
  });
  /** Not there yet when the first events come. */
  let restore = () => {};
  const examples = createCatalogueProjection(catalogue, topics, ['examples']);
  const following = await follow(ports, [states, examples, trained, storedNotes], {
    last: reading,
    onBatch() {
      if (hasSelected) restore();
      hasSelected = false;
    },
  });
  const parts = { topics, states, catalogue, following, regressor, clock: ports.clock };
  const preparation = createRoundPreparation(parts);
  const training = { regressor, models, engine, cache: createRecentValues<Model>(CACHED_MODELS_MAX), context: ports };
  const featured = createPositions(topics.features.partitions, -1);
  const keeping =
    options.results &&
    createPredictionKeeping({
      ...{ ports, topics, publisher, results: options.results, states, roundModels, stored, featured, training },
      prepare: () => createRoundPreparation(parts),
      onFailure: (error) => options.onStorageFailure?.(error),
    });
  const retention = createModelRetention({
    ...{ states, roundModels, models, keep: options.keepModels ?? 1 },
    onFailure: (error) => ports.telemetry?.log('warn', 'models of old rounds were not deleted', { err: error }),
  });
  restore = () => {
    keeping?.restore();
    // What is restored may need old models, and puts them back.
    void (keeping?.idle() ?? Promise.resolve()).then(retention.sweep);
  };

  const data = await startExampleForming({
    ...{ ports, publisher, engine, catalogue, featured, onAssigned: () => restore() },
    onPartitions: () => options.onPartitions?.(heldPartitions(featured)),
  });
  const commands = await startMemberCommands({ ports, publisher, states, following, preparation, training });

  const own: Service = { failed: new Promise<never>(() => {}), stop: () => preparation.close().then(retention.idle) };
  const { storage } = keeping ?? {};
  return {
    ...combineServices([following, ...(keeping ? [keeping] : []), own, data, commands]),
    calls: createRankingCalls({ topics, states, following, preparation, training, featured, storage }),
    async predictionsStored() {
      await keeping?.idle();
    },
  };
}
