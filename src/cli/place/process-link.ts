import { callInProcess } from '../../adapters/in-process/service-calls.ts';
import { createRemoteLogReader } from '../../adapters/remote/remote-log-reader.ts';
import {
  type Campaigns,
  CampaignsDefinition,
  type Gateway,
  GatewayDefinition,
} from '../../protocol/generated/elastream/v1/services.generated.ts';

/** The services that a cluster's gateway offers too. */
export interface OfferedServices {
  readonly gateway: Gateway;
  readonly campaigns: Campaigns;
}

/** Calls services of this process as those of a cluster are called. */
export function createProcessLink(offered: OfferedServices) {
  const gateway = callInProcess<Gateway>(GatewayDefinition, offered.gateway);
  const campaigns = callInProcess<Campaigns>(CampaignsDefinition, offered.campaigns);
  const retrying = <T>(action: () => Promise<T>) => action();
  return { gateway, campaigns, log: createRemoteLogReader(gateway), retrying };
}
