import { afterEach } from 'vitest';
import { connectGrpc, type GrpcLink, type GrpcLinkOptions } from '../../src/adapters/grpc/grpc-client.ts';
import {
  type GrpcServer,
  type GrpcServerOptions,
  type ServedService,
  startGrpcServer,
} from '../../src/adapters/grpc/grpc-server.ts';

/** Servers and connections on this machine that end with each test. */
export function grpcPlace() {
  const ends: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  return {
    async serve(
      services: readonly ServedService[],
      options: Partial<Omit<GrpcServerOptions, 'services'>> = {},
    ): Promise<GrpcServer> {
      const server = await startGrpcServer({ address: '127.0.0.1:0', services, ...options });
      ends.push(() => server.stop(0));
      return server;
    },
    connect(address: string, options: Omit<GrpcLinkOptions, 'address'> = {}): GrpcLink {
      const link = connectGrpc({ address, ...options });
      ends.push(() => link.close());
      return link;
    },
  };
}

/** A promise that never resolves. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}
