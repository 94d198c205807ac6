import { callLimits, METHOD_POLICY } from '../../../services/wiring/method-policy.ts';
import { hostOf, isLoopback } from '../../../services/wiring/protection.ts';
import { served, startGrpcServer } from '../../adapters/grpc/grpc-server.ts';
import { AppError } from '../../model/app-error.ts';
import {
  type Campaigns,
  CampaignsDefinition,
  type Gateway,
  GatewayDefinition,
} from '../../protocol/generated/elastream/v1/services.generated.ts';
import { certificates, hasCertificates } from '../cluster/certificates.ts';
import type { OfferedServices } from '../place/process-link.ts';

/** As a cluster's gateway has them unless it is told otherwise. */
const LIMITS = callLimits({ submit_streams: 8, followers: 64, queries: 4, calls: 64 });

const GRACE_MS = 2_000;

export interface NetworkOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly address: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly onError: (error: unknown) => void;
}

export interface NetworkServer {
  /** What `--cluster` takes. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves programs at a network address, with the methods of a cluster's gateway. With certificates in the environment
 * calls are protected by mutual TLS, and the roles of a cluster hold. Without them only this machine can call.
 * @throws AppError `unavailable` where the address cannot be bound
 */
export async function serveNetwork(
  { gateway, campaigns }: OfferedServices,
  { address, environment, onError }: NetworkOptions,
): Promise<NetworkServer> {
  const isProtected = hasCertificates(environment);
  const server = await startGrpcServer({
    address,
    services: [served<Gateway>(GatewayDefinition, gateway), served<Campaigns>(CampaignsDefinition, campaigns)],
    limits: LIMITS,
    onError,
    ...(isProtected && { security: { read: () => certificates(environment) }, authorize: METHOD_POLICY }),
  });
  server.setServing(true);
  return {
    url: `${isProtected ? 'grpcs' : 'grpc'}://${server.address}`,
    close: () => server.stop(GRACE_MS),
  };
}

/** @throws AppError `invalid_argument` where other machines could call without protection, or a certificate is missing */
export function assertProtected(address: string, environment: NodeJS.ProcessEnv): void {
  if (hasCertificates(environment)) {
    certificates(environment);
  } else if (!isLoopback(hostOf(address))) {
    const remedy = 'name certificates in ELASTREAM_GRPC_CA_FILE, _CERTIFICATE_FILE and _KEY_FILE, or take 127.0.0.1';
    throw new AppError('invalid_argument', `others could call ${address} without protection: ${remedy}`);
  }
}
