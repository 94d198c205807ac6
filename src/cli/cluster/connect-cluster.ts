import { connectGrpc, type GrpcLink } from '../../adapters/grpc/grpc-client.ts';
import { createRemoteLogReader } from '../../adapters/remote/remote-log-reader.ts';
import { createRemoteModels } from '../../adapters/remote/remote-models.ts';
import type { EventLog, EventLogReader } from '../../ports/event-log.ts';
import type { ModelStore } from '../../ports/model-store.ts';
import {
  type Campaigns,
  CampaignsDefinition,
  type Gateway,
  GatewayDefinition,
} from '../../protocol/generated/elastream/v1/services.generated.ts';
import { certificates } from './certificates.ts';

/** A cluster, reached through its gateway. */
export interface ClusterLink {
  readonly gateway: Gateway;
  readonly campaigns: Campaigns;
  readonly log: EventLogReader & Pick<EventLog, 'follow'>;
  readonly models: ModelStore;
  close(): Promise<void>;
}

/** A campaign waits for its data to be featurized before it is made. */
const CREATE_MS_MAX = 6 * 60 * 60_000;
/** Where nothing happens, a follower and a watcher are told nothing. */
const FOR_EVER = 0;
/** The gateway looks through all materials for them. */
const LIST_MS_MAX = 10 * 60_000;

/**
 * @param retrying asks for the log again where the gateway is out of reach; else a call fails with the first error
 * @throws AppError `invalid_argument` where the address or a certificate is none
 */
export function connectCluster(url: string, retrying?: <T>(action: () => Promise<T>) => Promise<T>): ClusterLink {
  const link = connectGateway(url);
  const gateway = link.client<Gateway>(GatewayDefinition, {
    deadlineMs: { ReadEvents: FOR_EVER, ListSources: LIST_MS_MAX, Tell: LIST_MS_MAX, Query: FOR_EVER },
  });
  const campaigns = link.client<Campaigns>(CampaignsDefinition, {
    deadlineMs: { CreateCampaign: CREATE_MS_MAX, WatchCampaign: FOR_EVER },
  });
  const log = createRemoteLogReader(gateway, retrying);
  const models = createRemoteModels(gateway);
  const close = async () => {
    await log.close();
    link.close();
  };
  return { gateway, campaigns, log, models, close };
}

/** @throws AppError `invalid_argument` where the address or a certificate is none */
export function connectGateway(url: string): GrpcLink {
  // A run is watched for days: certificates are renewed meanwhile.
  const security = url.startsWith('grpcs://') ? { read: () => certificates(process.env) } : undefined;
  return connectGrpc({ address: url, ...(security && { security, role: 'gateway' }) });
}
