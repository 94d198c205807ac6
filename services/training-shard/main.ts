import { availableParallelism } from 'node:os';
import { served } from '../../src/adapters/grpc/grpc-server.ts';
import { engineFingerprint } from '../../src/adapters/in-process/engine-fingerprint.ts';
import { provideLightGbmLibrary } from '../../src/adapters/lightgbm/provide-library.ts';
import { createLightGbmRegressor } from '../../src/adapters/lightgbm/regressor.ts';
import { TrainingShardDefinition } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { combineServices } from '../../src/runtime/service.ts';
import { startCallServer } from '../wiring/call-server.ts';
import { openNats, openResultsLater } from '../wiring/open-adapters.ts';
import { startRegistration } from '../wiring/registration.ts';
import { runService } from '../wiring/run-service.ts';
import { startTrainingShard } from './training-shard.ts';

await runService({
  name: 'training-shard',
  summary: 'Trains members of ensembles, and ranks the candidates of the partitions that it holds.',
  groups: ({ labels, features, training }) => ({
    'training-shard': [labels.name, features.name],
    training: [training.name],
  }),
  async start({ config, ports, audit, open }) {
    const library = await provideLightGbmLibrary();
    const workers = config.workers ?? availableParallelism();
    const regressor = await open('LightGBM', () =>
      createLightGbmRegressor({ library, workers, trace: ports.telemetry }),
    );
    const { control, models } = await open('NATS', () => openNats(config, ports.telemetry));
    const results = config.clickhouse && (await open('ClickHouse', () => openResultsLater(config, ports.telemetry)));
    const engine = engineFingerprint(regressor.engine);
    let held: readonly number[] = [];
    let tell = () => {};
    const shard = await startTrainingShard({
      ...{ ports, regressor, models, engine, ...(results && { results }) },
      keepModels: config.keep_models === 'all' ? Number.POSITIVE_INFINITY : config.keep_models,
      onStorageFailure: (error) =>
        ports.telemetry.log('warn', 'predictions were not stored, and will be', { err: error }),
      onPartitions(partitions) {
        held = partitions;
        tell();
      },
    });
    const server = await startCallServer(config, { telemetry: ports.telemetry, audit }, [
      served(TrainingShardDefinition, shard.calls),
    ]);
    const node = { id: config.node, service: 'training-shard', address: server.address, engine, partitions: held };
    const registration = startRegistration(node, { control, ports });
    tell = () => registration.change({ partitions: held });
    // Stopped in reverse: first nobody is told of it any more, then no calls are taken, then the work ends.
    return combineServices([shard, server, registration]);
  },
});
