import { availableParallelism } from 'node:os';
import { served } from '../../src/adapters/grpc/grpc-server.ts';
import { createWorkerFeaturizer } from '../../src/adapters/worker-threads/featurizer.ts';
import {
  type Campaigns,
  CampaignsDefinition,
  GatewayDefinition,
} from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { loopSchema } from '../../src/runtime/log-topics.ts';
import { combineServices } from '../../src/runtime/service.ts';
import { nodeLinks, startCallServer } from '../wiring/call-server.ts';
import { callLimits } from '../wiring/method-policy.ts';
import { openNats, openReading } from '../wiring/open-adapters.ts';
import { startRegistration } from '../wiring/registration.ts';
import { runService } from '../wiring/run-service.ts';
import { createServiceDirectory } from '../wiring/service-directory.ts';
import { forwardCampaigns } from './forwarded-campaigns.ts';
import { createGateway } from './gateway.ts';

/** CreateCampaign waits until the campaign's data is featurized. WatchCampaign may be silent for any time. */
const DEADLINES = { CreateCampaign: 6 * 60 * 60_000, WatchCampaign: 0 };

/** Featurizes the structures of predictions in the same way as the log's materials. */
const FEATURIZE_WORKER = new URL('../featurization/featurize-worker.js', import.meta.url);

await runService({
  name: 'gateway',
  summary: 'The way in for people and programs: submits, predictions, campaigns, and reading the log.',
  async start({ config, ports, audit, open }) {
    const { control, models } = await open('NATS', () => openNats(config, ports.telemetry));
    const reading = openReading(config, ports.telemetry);
    const results = reading && (await open('ClickHouse', () => reading));
    if (config.clickhouse && !results) {
      ports.telemetry.log('warn', 'answers no queries: clickhouse.reader, a user who may only read, is not configured');
    }
    const directory = await open('acquisition', () =>
      createServiceDirectory(
        control,
        'acquisition',
        nodeLinks<Campaigns>(config, ports.telemetry, CampaignsDefinition, {
          role: 'acquisition',
          deadlineMs: DEADLINES,
        }),
      ),
    );
    const campaigns = forwardCampaigns(async () => (await directory.nodes()).map(({ calls }) => calls));
    const workers = config.workers ?? availableParallelism();
    const featurizer = await open('worker threads', () =>
      createWorkerFeaturizer({ script: FEATURIZE_WORKER, workers, featureSchema: loopSchema(ports.topics) }),
    );
    const { submit_stream_bytes: streamBytes, submit_bytes: bytes } = config.limits;
    const bounds = { submitBounds: { streamBytes, bytes } };
    const gateway = createGateway({ ports, models, control, featurizer, ...bounds, ...(results && { results }) });
    const services = [served(GatewayDefinition, gateway), served(CampaignsDefinition, campaigns)];
    const server = await startCallServer(
      config,
      { telemetry: ports.telemetry, audit },
      services,
      callLimits(config.limits),
    );
    // Nodes do not call a gateway, and its clients have its address from elsewhere: it only tells whom it reaches.
    const node = { id: config.node, service: 'gateway', engine: '' };
    return combineServices([server, startRegistration(node, { control, ports, calls: 'acquisition' })]);
  },
});
