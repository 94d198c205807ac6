import { Client, type ClientDuplexStream, credentials, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGateway } from '../../../services/gateway/gateway.ts';
import { callLimits } from '../../../services/wiring/method-policy.ts';
import { served } from '../../../src/adapters/grpc/grpc-server.ts';
import type { Featurization } from '../../../src/ports/featurizer.ts';
import {
  type Gateway,
  GatewayDefinition,
  SubmitRequest,
} from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { collected } from '../../support/events.ts';
import { eventually } from '../../support/eventually.ts';
import { type GatewayPlace, openGatewayPlace } from '../../support/gateway.ts';
import { grpcPlace, never } from '../../support/grpc-place.ts';
import { recordedTelemetry } from '../../support/recorded-telemetry.ts';
import { bareItem, streamed } from '../../support/submitted-items.ts';

/** What a hostile client sends over gRPC itself, with nothing of elastream's own client between. */

const place = grpcPlace();
const LIMITS = callLimits({
  ...{ submit_streams: 4, followers: 3, queries: 2, calls: 3 },
  ...{ submit_stream_bytes: 2 ** 20, submit_bytes: 2 * 2 ** 20 },
});
const MIB = 2 ** 20;

let opened: GatewayPlace;
let clients: Client[] = [];
beforeEach(async () => {
  opened = await openGatewayPlace();
});
afterEach(async () => {
  for (const client of clients) client.close();
  clients = [];
  await opened.close();
});

async function attacked() {
  const { telemetry, told } = recordedTelemetry();
  let featurized = 0;
  const featurizer = {
    featurize(): Promise<Featurization> {
      featurized++;
      return never();
    },
  };
  const { ports, models } = opened;
  const submitBounds = { items: 200, streamBytes: MIB, bytes: 2 * MIB };
  const gateway = createGateway({ ports: { ...ports, telemetry }, models, featurizer, submitBounds });
  const { address } = await place.serve([served(GatewayDefinition, gateway)], { limits: LIMITS });
  const honest = place.connect(address).client<Gateway>(GatewayDefinition);
  return { address, honest, featurized: () => featurized, held: () => told.submissionsHeld.at(-1)?.bytes ?? 0 };
}

type RawCall = ClientDuplexStream<Buffer, Buffer>;

/** A call of bytes, over a connection of its own. */
function raw(
  address: string,
  method: string,
  ...messages: readonly Uint8Array[]
): { call: RawCall; ended: Promise<number> } {
  const client = new Client(address, credentials.createInsecure());
  clients.push(client);
  const same = (bytes: Buffer) => bytes;
  const call = client.makeBidiStreamRequest(`/elastream.v1.Gateway/${method}`, same, same);
  const ended = new Promise<number>((resolve) => {
    call.on('status', ({ code }) => resolve(code));
    call.on('error', () => {});
  });
  for (const message of messages) call.write(Buffer.from(message));
  return { call, ended };
}

/** Field 1 as an empty message, so many times: two bytes each, and an object of a hundred in memory. */
function emptyMessages(bytes: number, field: number): Uint8Array {
  const message = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += 2) message[at] = (field << 3) | 2;
  return message;
}

it('messages that grow in memory are refused by their size, before they are decoded', async () => {
  const { address, honest } = await attacked();
  const grown = process.memoryUsage().heapUsed;
  const outcomes = [
    raw(address, 'ReadEvents', emptyMessages(4 * MIB, 1)),
    raw(address, 'Predict', emptyMessages(6 * MIB, 3)),
    raw(address, 'Submit', emptyMessages(6 * MIB, 4)),
    raw(address, 'GetModel', Buffer.alloc(MIB)),
  ].map(({ call, ended }) => {
    call.resume();
    return ended;
  });
  expect(await Promise.all(outcomes)).toEqual(Array(4).fill(status.INVALID_ARGUMENT));
  expect(process.memoryUsage().heapUsed - grown).toBeLessThan(100 * MIB);
  expect((await honest.ListTopics({})).topics.length).toBeGreaterThan(0);
});

it('clients who send and never read hold up nobody', async () => {
  const { address, honest, held } = await attacked();
  const rejection = { code: 'bad_number', source: 'f', locator: '', materialId: '', message: 'm'.repeat(20_000) };
  const deaf = Array.from({ length: 3 }, (_, n) => {
    const { call } = raw(address, 'Submit');
    call.pause();
    for (let i = 0; i < 300; i++) {
      const item = bareItem(`${n} ${i}`, { rejection: { ...rejection, locator: `${n} ${i}` } });
      call.write(Buffer.from(SubmitRequest.encode(item).finish()));
    }
    return call;
  });
  const items = Array.from({ length: 100 }, (_, i) =>
    bareItem(`${i}`, { rejection: { ...rejection, locator: `${i}` } }),
  );
  expect(await collected(honest.Submit(streamed(items)))).toHaveLength(100);
  await eventually(() => held() === 0);
  for (const call of deaf) call.cancel();
});

it('submissions that are opened and broken off leave nothing behind', async () => {
  const { address, honest, held } = await attacked();
  const message = 'm'.repeat(500_000);
  for (let i = 0; i < 40; i++) {
    const rejection = { code: 'bad_number', source: 'f', locator: `${i}`, materialId: '', message };
    const bytes = SubmitRequest.encode(bareItem(`${i}`, { rejection })).finish();
    const { call } = raw(address, 'Submit', bytes, bytes, bytes);
    await new Promise((resolve) => setTimeout(resolve, i % 5));
    call.cancel();
  }
  await eventually(
    async () => (await collected(honest.Submit(streamed([bareItem('a')]))).catch(() => [])).length === 1,
  );
  await eventually(() => held() === 0);
});

it('calls of every kind have a limit, and one that is refused tells which', async () => {
  const { address } = await attacked();
  for (const [method, callsMax] of Object.entries({
    ListTopics: 3,
    GetModel: 3,
    Predict: 2,
    Query: 2,
    ReadEvents: 3,
  })) {
    // Without a request a call waits for it.
    const waiting = Array.from({ length: callsMax }, () => raw(address, method));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const over = raw(address, method);
    over.call.resume();
    expect([method, await over.ended]).toEqual([method, status.RESOURCE_EXHAUSTED]);
    for (const { call } of waiting) call.cancel();
  }
});
