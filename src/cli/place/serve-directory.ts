import { chmod, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { served, startGrpcServer } from '../../adapters/grpc/grpc-server.ts';
import { createSocketPath, publishSocket } from '../../adapters/unix-socket/socket-path.ts';
import {
  type Campaigns,
  CampaignsDefinition,
  type Gateway,
  GatewayDefinition,
} from '../../protocol/generated/elastream/v1/services.generated.ts';
import type { OfferedServices } from './process-link.ts';

/** Time for answers to calls that other commands have just made. */
const GRACE_MS = 2_000;
const OWNER_ONLY = 0o600;

/** Serves other commands while this process runs the directory, at a socket that only its user may open. */
export async function serveDirectory(
  directory: string,
  { gateway, campaigns }: OfferedServices,
): Promise<{ close(): Promise<void> }> {
  const socketPath = await createSocketPath('calls');
  const remove = () => rm(dirname(socketPath), { recursive: true, force: true });
  try {
    const services = [served<Gateway>(GatewayDefinition, gateway), served<Campaigns>(CampaignsDefinition, campaigns)];
    const server = await startGrpcServer({ address: `unix:${socketPath}`, services });
    await chmod(socketPath, OWNER_ONLY);
    server.setServing(true);
    const unpublish = await publishSocket(directory, socketPath);
    return {
      async close() {
        await unpublish();
        await server.stop(GRACE_MS);
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
