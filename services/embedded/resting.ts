import { AppError } from '../../src/model/app-error.ts';
import type { ControlPlane } from '../../src/ports/control-plane.ts';
import type { ModelStore } from '../../src/ports/model-store.ts';
import type { Campaigns, Gateway } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { retrying } from '../../src/runtime/retry.ts';
import type { Service, ServicePorts } from '../../src/runtime/service.ts';
import { startAcquisition } from '../acquisition/acquisition.ts';
import { createCampaignCalls } from '../acquisition/campaign-calls.ts';
import { LOOP_FEATURE_SCHEMA } from '../featurization/loop-featurizer.ts';
import { createGateway } from '../gateway/gateway.ts';

export interface RestingParts {
  readonly ports: ServicePorts;
  readonly control: ControlPlane;
  readonly models: ModelStore;
  /** As of the process that runs the same campaigns. */
  readonly writer: string;
}

export interface RestingLoop extends Service {
  readonly gateway: Gateway;
  readonly campaigns: Campaigns;
}

/**
 * The gateway of campaigns that nobody runs: it takes what is submitted and what is asked of them, into the log. What
 * follows from it is done by whoever runs them next.
 */
export async function startResting({ ports, control, models, writer }: RestingParts): Promise<RestingLoop> {
  await retrying(ports, () => ports.log.declare(Object.values(ports.topics)));
  const shards = { Rank: nobodyRuns };
  const own = { ports, control, shards, writer, featureSchema: LOOP_FEATURE_SCHEMA, isResting: true };
  const acquisition = await startAcquisition(own);
  const gateway = createGateway({ ports, models, featurizer: { featurize: nobodyRuns } });
  const { failed, stop } = acquisition;
  return { gateway, campaigns: createCampaignCalls(acquisition), failed, stop };
}

function nobodyRuns(): never {
  throw new AppError('unavailable', "nobody runs these campaigns: 'elastream run' with their file does");
}
