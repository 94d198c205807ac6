import { describe, expect, it } from 'vitest';
import { served, startGrpcServer } from '../../../src/adapters/grpc/grpc-server.ts';
import {
  type Gateway,
  GatewayDefinition,
  type TrainingShard,
  TrainingShardDefinition,
} from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import {
  type Health,
  HealthDefinition,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from '../../../src/protocol/generated/grpc/health/v1/health.generated.ts';
import { eventually } from '../../support/eventually.ts';
import { grpcPlace, never } from '../../support/grpc-place.ts';

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = ServingStatus;
const place = grpcPlace();
const GATEWAY = 'elastream.v1.Gateway';
const idle = served<TrainingShard>(TrainingShardDefinition, {
  Rank: () => ({ [Symbol.asyncIterator]: () => ({ next: never }) }),
});

describe('health', () => {
  it('is told of the server and of each of its services, and of no other', async () => {
    const server = await place.serve([idle, gateway({})]);
    const health = place.connect(server.address).client<Health>(HealthDefinition);
    const names = ['', GATEWAY, 'elastream.v1.TrainingShard'];
    const checked = () => Promise.all(names.map(async (service) => (await health.Check({ service })).status));
    expect(await checked()).toEqual([SERVING, SERVING, SERVING]);
    server.setServing(false);
    expect(await checked()).toEqual([NOT_SERVING, NOT_SERVING, NOT_SERVING]);
    server.setServing(true);
    expect(await checked()).toEqual([SERVING, SERVING, SERVING]);
    await expect(health.Check({ service: 'Gateway' })).rejects.toMatchObject({
      cause: { code: 5, details: 'there is no service Gateway here' },
    });
  });

  it('is watched: now, each change once, and the end', async () => {
    const server = await place.serve([gateway({})]);
    const health = place.connect(server.address).client<Health>(HealthDefinition, { deadlineMs: { Watch: 0 } });
    const watch = health.Watch({ service: GATEWAY })[Symbol.asyncIterator]();
    const unknown = health.Watch({ service: 'x' })[Symbol.asyncIterator]();
    expect((await watch.next()).value).toEqual({ status: SERVING });
    expect((await unknown.next()).value).toEqual({ status: SERVICE_UNKNOWN });
    server.setServing(false);
    expect((await watch.next()).value).toEqual({ status: NOT_SERVING });
    server.setServing(false);
    server.setServing(true);
    expect((await watch.next()).value).toEqual({ status: SERVING });
    const stopped = server.stop(10_000);
    expect((await watch.next()).value).toEqual({ status: NOT_SERVING });
    expect((await watch.next()).done).toBe(true);
    expect((await unknown.next()).done).toBe(true);
    await stopped;
  });
});

describe('stop', () => {
  it('lets running calls end, refuses new ones, and tells that it does not serve', async () => {
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let running = 0;
    const server = await place.serve([
      gateway({
        async *Query() {
          running++;
          yield { piece: Buffer.from('first') };
          await finished;
          yield { piece: Buffer.from('last') };
        },
        ListSources: async () => ({ sources: [] }),
      }),
    ]);
    const link = place.connect(server.address);
    const client = link.client<Gateway>(GatewayDefinition);
    const replies = client.Query({ sql: '', format: '' })[Symbol.asyncIterator]();
    await replies.next();
    await client.ListSources({});
    const began = performance.now();
    const stopped = server.stop(60_000);
    const refused = {
      code: 'unavailable',
      retryable: true,
      message: expect.stringMatching(/ListSources at .*stopping/),
    };
    await expect(client.ListSources({})).rejects.toMatchObject(refused);
    expect((await link.client<Health>(HealthDefinition).Check({ service: '' })).status).toBe(NOT_SERVING);
    finish();
    expect(Buffer.from((await replies.next()).value.piece).toString()).toBe('last');
    expect((await replies.next()).done).toBe(true);
    await stopped;
    expect(performance.now() - began).toBeLessThan(30_000);
    expect(running).toBe(1);
    await expect(client.ListSources({})).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('ends by force what does not end', async () => {
    let returned = false;
    const server = await place.serve([
      gateway({
        ListSources: never,
        Query: () => ({
          [Symbol.asyncIterator]: () => ({
            next: never,
            return: async () => {
              returned = true;
              return { value: undefined, done: true };
            },
          }),
        }),
      }),
    ]);
    const client = place.connect(server.address).client<Gateway>(GatewayDefinition);
    const calls = [client.ListSources({}), client.Query({ sql: '', format: '' })[Symbol.asyncIterator]().next()];
    const outcomes = Promise.allSettled(calls);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const began = performance.now();
    await server.stop(100);
    expect(performance.now() - began).toBeGreaterThan(90);
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unavailable', retryable: true } });
    }
    await eventually(() => returned);
  });
});

it('says which address cannot be had', async () => {
  const { address } = await place.serve([]);
  const message = expect.stringMatching(new RegExp(`${address}.*EADDRINUSE`));
  await expect(startGrpcServer({ address, services: [] })).rejects.toMatchObject({ code: 'unavailable', message });
});

function gateway(methods: Partial<Gateway>) {
  return served(GatewayDefinition, methods as Gateway);
}
