import { describe, expect, it } from 'vitest';
import { callInProcess } from '../../../src/adapters/in-process/service-calls.ts';
import { AppError } from '../../../src/model/app-error.ts';
import {
  type Campaigns,
  CampaignsDefinition,
  type Gateway,
  GatewayDefinition,
  type SubmitRequest,
} from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { stoppableStream } from '../../../src/runtime/stoppable-stream.ts';
import { collected } from '../../support/events.ts';
import { never } from '../../support/grpc-place.ts';

const ITEM = { clientId: '1', source: 's', material: undefined, labels: [], rejection: undefined } as const;
const gatewayOf = (parts: Partial<Gateway>) => callInProcess<Gateway>(GatewayDefinition, parts as Gateway);
const campaignsOf = (parts: Partial<Campaigns>) => callInProcess<Campaigns>(CampaignsDefinition, parts as Campaigns);

async function* requests(count: number, taken: string[]): AsyncGenerator<SubmitRequest> {
  try {
    for (let i = 1; i <= count; i++) {
      taken.push(`${i}`);
      yield { ...ITEM, clientId: `${i}`, sourceCompleted: false };
    }
  } finally {
    taken.push('returned');
  }
}

describe('a call in process', () => {
  it('carries messages as a network would: neither side sees the objects of the other', async () => {
    const given = { ranges: [{ topic: 't', partition: 0, from: 3, unknown: 'field' }] };
    let seen: unknown;
    const value = new Uint8Array([1, 2]);
    const gateway = gatewayOf({
      async *ReadEvents(request) {
        seen = request;
        const event = { offset: 3, key: value, id: 'e', type: 'T', source: 's', time: 'now', value, checksum: 1 };
        yield { topic: 't', partition: 0, events: [event as never], next: 4 };
      },
    });
    const [batch] = await collected(gateway.ReadEvents(given));
    expect(seen).toEqual({ ranges: [{ topic: 't', partition: 0, from: 3 }] });
    expect(batch!.events[0]).toMatchObject({ offset: 3, id: 'e' });
    expect(batch!.events[0]!.value).not.toBe(value);
    expect([...batch!.events[0]!.value]).toEqual([1, 2]);
  });

  it('passes the error of the service on as it is', async () => {
    const refusal = new AppError('invalid_argument', 'there is no such campaign');
    const campaigns = campaignsOf({ PauseCampaign: () => Promise.reject(refusal) });
    await expect(campaigns.PauseCampaign({ campaign: 'a' })).rejects.toBe(refusal);
  });

  it('takes a request when it is asked for, and ends the requests with the one who reads no further', async () => {
    const taken: string[] = [];
    const gateway = gatewayOf({
      async *Submit(items) {
        for await (const { clientId } of items) yield { clientId, refusal: undefined };
      },
    });
    const replies = gateway.Submit(requests(9, taken))[Symbol.asyncIterator]();
    expect(taken).toEqual([]);
    expect((await replies.next()).value).toMatchObject({ clientId: '1' });
    expect(taken).toEqual(['1']);
    await replies.return?.();
    expect(taken).toEqual(['1', 'returned']);
  });

  it('ends a stream that waits for its next reply, as soon as its reader leaves', async () => {
    let signal: AbortSignal | undefined;
    const campaigns = campaignsOf({
      WatchCampaign: () =>
        stoppableStream(async function* (stopping) {
          signal = stopping;
          await Promise.race([never(), new Promise((resolve) => stopping.addEventListener('abort', resolve))]);
        }),
    });
    const replies = campaigns.WatchCampaign({ campaign: 'a' })[Symbol.asyncIterator]();
    const next = replies.next();
    await replies.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(signal?.aborted).toBe(true);
  });
});
