import { served } from '../../src/adapters/grpc/grpc-server.ts';
import {
  CampaignsDefinition,
  type TrainingShard,
  TrainingShardDefinition,
} from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { loopSchema } from '../../src/runtime/log-topics.ts';
import { combineServices } from '../../src/runtime/service.ts';
import { createShardRouter } from '../../src/runtime/shard-router.ts';
import { nodeLinks, startCallServer } from '../wiring/call-server.ts';
import { openNats } from '../wiring/open-adapters.ts';
import { startRegistration } from '../wiring/registration.ts';
import { runService } from '../wiring/run-service.ts';
import { createServiceDirectory } from '../wiring/service-directory.ts';
import { startAcquisition } from './acquisition.ts';
import { createCampaignCalls } from './campaign-calls.ts';

/** A shard may read, train lost models again and score for long before its first answer. */
const RANK_IDLE_MS = 10 * 60_000;

await runService({
  name: 'acquisition',
  summary: 'Opens rounds, has members trained and candidates ranked, selects, and asks for calculations.',
  async start({ config, ports, audit, open }) {
    const { control } = await open('NATS', () => openNats(config, ports.telemetry));
    const directory = await open('the training shards', () =>
      createServiceDirectory(
        control,
        'training-shard',
        nodeLinks<TrainingShard>(config, ports.telemetry, TrainingShardDefinition, {
          role: 'training-shard',
          deadlineMs: RANK_IDLE_MS,
        }),
      ),
    );
    const shards = createShardRouter(async () =>
      (await directory.nodes()).map(({ calls, partitions = [] }) => ({ calls, partitions: new Set(partitions) })),
    );
    const acquisition = await startAcquisition({
      ...{ ports, control, shards, writer: config.node },
      featureSchema: loopSchema(ports.topics),
    });
    const server = await startCallServer(config, { telemetry: ports.telemetry, audit }, [
      served(CampaignsDefinition, createCampaignCalls(acquisition)),
    ]);
    const node = { id: config.node, service: 'acquisition', address: server.address, engine: '' };
    const registration = startRegistration(node, { control, ports, calls: 'training-shard' });
    return combineServices([acquisition, server, registration]);
  },
});
