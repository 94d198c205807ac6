import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createByteBudget } from '../../../services/gateway/byte-budget.ts';
import { createGateway } from '../../../services/gateway/gateway.ts';
import { createIntake } from '../../../services/gateway/intake.ts';
import type { EventLog } from '../../../src/ports/event-log.ts';
import type { SubmitRequest } from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { directFeaturizer } from '../../support/direct-featurizer.ts';
import { collected } from '../../support/events.ts';
import { eventually } from '../../support/eventually.ts';
import { type GatewayPlace, openGatewayPlace } from '../../support/gateway.ts';
import { createQueue } from '../../support/queue.ts';
import { recordedTelemetry } from '../../support/recorded-telemetry.ts';
import { createVirtualClock } from '../../support/simulation/virtual-clock.ts';
import { bareItem, streamed } from '../../support/submitted-items.ts';

const places: GatewayPlace[] = [];
afterEach(async () => {
  for (const place of places.splice(0)) await place.close();
});

const ITEM_BYTES = 50_000;
const ITEMS = 100;
const rejection = { code: 'bad_number', source: 'f', locator: '', materialId: '', message: 'm'.repeat(ITEM_BYTES) };
const large = (name: string) => bareItem(name, { rejection: { ...rejection, locator: name } });

/** A gateway that may hold some ten items of all clients together. */
async function boundedGateway(change: (log: EventLog) => Partial<EventLog> = () => ({})) {
  const { telemetry, told } = recordedTelemetry();
  const place = await openGatewayPlace();
  places.push(place);
  const ports = { ...place.ports, log: { ...place.ports.log, ...change(place.ports.log) }, telemetry };
  const submitBounds = { items: ITEMS, streamBytes: 5 * ITEM_BYTES, bytes: 10 * ITEM_BYTES };
  const gateway = createGateway({ ports, models: place.models, featurizer: directFeaturizer(), submitBounds });
  return { gateway, place, told, held: () => told.submissionsHeld.at(-1)?.bytes ?? 0 };
}

/** What a client sends that never stops. */
async function* endless(name: string, sent: { items: number }): AsyncGenerator<SubmitRequest> {
  for (;;) yield large(`${name} ${sent.items++}`);
}

describe('clients who send and never read an answer', () => {
  it('hold no bytes, so that others get on', async () => {
    const { gateway, held } = await boundedGateway();
    const deaf = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => {
        const sent = { items: 0 };
        const replies = gateway.Submit(endless(name, sent))[Symbol.asyncIterator]();
        await replies.next();
        return { replies, sent };
      }),
    );
    const honest = Array.from({ length: 30 }, (_, i) => large(`honest ${i}`));
    expect(await collected(gateway.Submit(streamed(honest)))).toHaveLength(honest.length);
    // Each is held back by its own unread answers, and then holds nothing else.
    await eventually(() => deaf.every(({ sent }) => sent.items >= ITEMS) && held() === 0, 60_000);
    for (const { replies, sent } of deaf) {
      expect(sent.items).toBeLessThanOrEqual(ITEMS + 2);
      await replies.return!();
    }
  }, 90_000);
});

describe('a submission that ends while it waits or works', () => {
  it('frees what is on its way to the log when that is over, not before', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { gateway, held } = await boundedGateway((log) => ({
      append: async (...at) => {
        await gate;
        return log.append(...at);
      },
    }));
    for (let i = 0; i < 5; i++) {
      const replies = gateway.Submit(endless(`${i}`, { items: 0 }))[Symbol.asyncIterator]();
      void replies.next();
      await new Promise((resolve) => setTimeout(resolve, 10));
      await replies.return!();
    }
    expect(held()).toBeGreaterThan(0);
    open();
    await eventually(() => held() === 0);
  });

  it('waits no more for bytes', async () => {
    const budget = createByteBudget(10, { held: () => {}, full: () => {} });
    budget.take(10);
    const stopping = new AbortController();
    const room = budget.room(stopping.signal);
    stopping.abort();
    await room;
    await budget.room(stopping.signal);
  });
});

/** What may happen to streams over one budget, in any order. */
const deeds = fc.array(
  fc.oneof(
    fc.record({ deed: fc.constant('open' as const) }),
    fc.record({ deed: fc.constant('send' as const), stream: fc.nat(9), bytes: fc.nat(40) }),
    fc.record({ deed: fc.constantFrom('take', 'done', 'release', 'end', 'close'), stream: fc.nat(9) }),
  ),
  { maxLength: 60 },
);

it('whatever streams do, what they hold is within bounds, and all is free when they have ended', async () => {
  await fc.assert(
    fc.asyncProperty(deeds, async (all) => {
      let held = 0;
      const note = (bytes: number) => {
        held = bytes;
      };
      const budget = createByteBudget(50, { held: note, full: () => {} });
      const streams: ReturnType<typeof openStream>[] = [];
      for (const deed of all) {
        if (deed.deed === 'open') streams.push(openStream(budget));
        else if (streams.length > 0) {
          const stream = streams[deed.stream % streams.length]!;
          await stream.do(deed.deed, 'bytes' in deed ? deed.bytes : 0);
        }
        await new Promise((resolve) => setImmediate(resolve));
        expect(held).toBeGreaterThanOrEqual(0);
        // Each that is open may have overdrawn by an item.
        expect(held).toBeLessThanOrEqual(50 + 40 * streams.length);
      }
      for (const stream of streams) {
        await stream.do('close');
        await stream.do('done');
      }
      await new Promise((resolve) => setImmediate(resolve));
      expect(held).toBe(0);
    }),
    { numRuns: 300 },
  );
});

function openStream(budget: ReturnType<typeof createByteBudget>) {
  const sent = createQueue<{ bytes: number } | undefined>();
  async function* items() {
    for await (const item of sent.items()) {
      if (item === undefined) return;
      yield item;
    }
  }
  const intake = createIntake(items(), {
    openMax: 4,
    bytesMax: 60,
    budget,
    clock: createVirtualClock(),
    admit: (item) => item,
  });
  let [taken, closed, pending] = [0, false, false];
  return {
    async do(deed: string, bytes = 0): Promise<void> {
      if (deed === 'send') sent.put({ bytes });
      if (deed === 'end') sent.put(undefined);
      if (deed === 'take' && !pending && !closed) {
        pending = true;
        void intake
          .take(() => false)
          .then((items) => {
            taken += items.length;
            pending = false;
          });
      }
      if (deed === 'done') intake.done();
      if (deed === 'release' && taken > 0) {
        intake.release(1);
        taken--;
      }
      if (deed === 'close') {
        closed = true;
        intake.close();
      }
    },
  };
}
