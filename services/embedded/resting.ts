import { AppError } from '../../src/model/app-error.ts';
import type { ControlPlane } from '../../src/ports/control-plane.ts';
import type { ModelStore } from '../../src/ports/model-store.ts';
import type { Campaigns, Gateway } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { loopSchema } from '../../src/runtime/log-topics.ts';
import { retrying } from '../../src/runtime/retry.ts';
import type { Service, ServicePorts } from '../../src/runtime/service.ts';
import { startAcquisition } from '../acquisition/acquisition.ts';
import { createCampaignCalls } from '../acquisition/campaign-calls.ts';
import { createGateway } from '../gateway/gateway.ts';

export interface RestingParts {
  readonly ports: ServicePorts;
  readonly control: ControlPlane;
  readonly models: ModelStore;
  /** The name that the process uses which runs the same campaigns. */
  readonly writer: string;
}

export interface RestingLoop extends Service {
  readonly gateway: Gateway;
  readonly campaigns: Campaigns;
}

/**
 * Starts the gateway of campaigns that no process runs. It writes submissions and requests into the log. The process that
 * runs the campaigns next does what follows from them.
 */
export async function startResting({ ports, control, models, writer }: RestingParts): Promise<RestingLoop> {
  await retrying(ports, () => ports.log.declare(Object.values(ports.topics)));
  const shards = { Rank: nobodyRuns };
  const own = { ports, control, shards, writer, featureSchema: loopSchema(ports.topics), isResting: true };
  const acquisition = await startAcquisition(own);
  const gateway = createGateway({ ports, models, featurizer: { featurize: async () => nobodyRuns() } });
  const { failed, stop } = acquisition;
  // A campaign is made once its data are featurized, and nobody featurizes here.
  const campaigns = { ...createCampaignCalls(acquisition), CreateCampaign: async () => nobodyRuns() };
  return { gateway, campaigns, failed, stop };
}

function nobodyRuns(): never {
  throw new AppError('unavailable', "nobody runs these campaigns: 'elastream run' with their file does");
}
