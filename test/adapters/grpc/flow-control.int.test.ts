import { expect, it } from 'vitest';
import { served } from '../../../src/adapters/grpc/grpc-server.ts';
import {
  type Gateway,
  GatewayDefinition,
  type SubmitRequest,
} from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { eventually } from '../../support/eventually.ts';
import { grpcPlace, never } from '../../support/grpc-place.ts';

const place = grpcPlace();
const MESSAGE_BYTES = 10_000;
/** HTTP/2 gives a stream 64 KiB, and Node and gRPC hold some messages on each side: 21 of these were seen. */
const AHEAD_MAX = 40;
const MESSAGES = 1000;

it('a caller who does not read stops the handler', async () => {
  let made = 0;
  const client = await gateway({
    async *Query() {
      for (; made < MESSAGES; made++) yield { piece: Buffer.alloc(MESSAGE_BYTES) };
    },
  });
  let read = 0;
  for await (const { piece } of client.Query({ sql: '', format: '' })) {
    expect(piece).toHaveLength(MESSAGE_BYTES);
    read++;
    if (read === 1 || read === 500) {
      await eventually(() => made > read);
      await settled(() => made);
      expect(made).toBeLessThan(read + AHEAD_MAX);
    }
  }
  expect(read).toBe(MESSAGES);
});

it('a handler that does not read stops the caller', async () => {
  let made = 0;
  let read = 0;
  const client = await gateway({
    async *Submit(requests) {
      for await (const _ of requests) {
        read++;
        if (read === 1 || read === 500) {
          await eventually(() => made > read);
          await settled(() => made);
          yield { clientId: `${made - read}`, refusal: undefined };
        }
      }
    },
  });
  async function* requests(): AsyncGenerator<SubmitRequest> {
    for (; made < MESSAGES; made++) yield item('x'.repeat(MESSAGE_BYTES));
  }
  const ahead: number[] = [];
  for await (const { clientId } of client.Submit(requests())) ahead.push(Number(clientId));
  expect(ahead).toHaveLength(2);
  for (const messages of ahead) expect(messages).toBeLessThan(AHEAD_MAX);
  expect(read).toBe(MESSAGES);
});

it('a caller of one stream who does not read does not stop the others on the same connection', async () => {
  const client = await gateway({
    async *Query() {
      for (;;) yield { piece: Buffer.alloc(MESSAGE_BYTES) };
    },
    Submit: () => ({ [Symbol.asyncIterator]: () => ({ next: never }) }),
    ListSources: async () => ({ sources: ['a'.repeat(MESSAGE_BYTES)] }),
  });
  const replies = client.Query({ sql: '', format: '' })[Symbol.asyncIterator]();
  await replies.next();
  let made = 0;
  async function* requests(): AsyncGenerator<SubmitRequest> {
    for (; ; made++) yield item('x'.repeat(MESSAGE_BYTES));
  }
  const unanswered = client.Submit(requests())[Symbol.asyncIterator]();
  const waiting = unanswered.next();
  await settled(() => made);
  for (let i = 0; i < 20; i++) expect((await client.ListSources({})).sources[0]).toHaveLength(MESSAGE_BYTES);
  await replies.return!();
  await unanswered.return!();
  await expect(waiting).rejects.toMatchObject({ code: 'interrupted' });
});

async function gateway(methods: Partial<Gateway>): Promise<Gateway> {
  const { address } = await place.serve([served(GatewayDefinition, methods as Gateway)]);
  return place.connect(address).client<Gateway>(GatewayDefinition);
}

function item(clientId: string): SubmitRequest {
  return { clientId, source: 's', material: undefined, labels: [], rejection: undefined, sourceCompleted: false };
}

/** Resolved when the number has not grown for a while. */
async function settled(number: () => number): Promise<void> {
  for (let last = -1; last !== number(); ) {
    last = number();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
