import { expect, it } from 'vitest';
import type { CallLimit } from '../../../src/adapters/grpc/call-limits.ts';
import { served } from '../../../src/adapters/grpc/grpc-server.ts';
import { type Gateway, GatewayDefinition } from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { eventually } from '../../support/eventually.ts';
import { grpcPlace, never } from '../../support/grpc-place.ts';

const place = grpcPlace();

it('refuses a client that has as many calls as it may, says what to do, and takes others when some have ended', async () => {
  const refused: CallLimit[] = [];
  let running = 0;
  const gateway = {
    ListTopics: async () => ({ topics: [] }),
    async *Query() {
      running++;
      yield { piece: Uint8Array.of(1) };
      await never();
    },
  } as Partial<Gateway> as Gateway;
  const { address } = await place.serve([served(GatewayDefinition, gateway)], {
    limits: { 'elastream.v1.Gateway/Query': { callsMax: 3, setting: 'limits.queries' } },
    onLimit: (limit) => void refused.push(limit),
  });
  const { Query, ListTopics } = place.connect(address).client<Gateway>(GatewayDefinition);
  const ask = () => Query({ sql: '', format: '' })[Symbol.asyncIterator]();
  const asked = [ask(), ask(), ask()];
  for (const query of asked) expect((await query.next()).done).toBe(false);
  // From another connection of the same machine, too.
  const other = place.connect(address).client<Gateway>(GatewayDefinition);
  const fourth = other.Query({ sql: '', format: '' })[Symbol.asyncIterator]().next();
  await expect(fourth).rejects.toMatchObject({
    code: 'resource_exhausted',
    retryable: true,
    message: expect.stringMatching(
      /127\.0\.0\.1 has 3 calls of .*Gateway\/Query at a time already: end .*limits\.queries/,
    ),
  });
  expect(refused).toMatchObject([{ setting: 'limits.queries' }]);
  expect(await ListTopics({})).toEqual({ topics: [] });
  void asked[0]!.return?.();
  await eventually(
    async () =>
      (
        await ask()
          .next()
          .catch(() => ({ done: true }))
      ).done === false,
  );
  expect(running).toBe(4);
});
