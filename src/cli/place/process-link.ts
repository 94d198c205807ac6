import { callInProcess } from '../../adapters/in-process/service-calls.ts';
import { createRemoteLogReader } from '../../adapters/remote/remote-log-reader.ts';
import {
  type Campaigns,
  CampaignsDefinition,
  type Gateway,
  GatewayDefinition,
} from '../../protocol/generated/elastream/v1/services.generated.ts';

/** What a cluster's gateway offers, by services of this process. */
export interface OfferedServices {
  readonly gateway: Gateway;
  readonly campaigns: Campaigns;
}

/** Services of this process, called and read as those of a cluster are. */
export function createProcessLink(offered: OfferedServices) {
  const gateway = callInProcess<Gateway>(GatewayDefinition, offered.gateway);
  const campaigns = callInProcess<Campaigns>(CampaignsDefinition, offered.campaigns);
  const retrying = <T>(action: () => Promise<T>) => action();
  return { gateway, campaigns, log: createRemoteLogReader(gateway), retrying };
}
