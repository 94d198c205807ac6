import { afterEach, describe, expect, it } from 'vitest';
import { createControlPlane } from '../../../src/adapters/in-process/control-plane.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import { createPublisher } from '../../../src/runtime/publisher.ts';
import { CONFIG } from '../../support/campaigns.ts';
import { eventually } from '../../support/eventually.ts';
import { type GatewayPlace, openGatewayPlace } from '../../support/gateway.ts';
import { failure, result, waiting } from '../../support/waiting-campaign.ts';

/** A clock that goes on when it is told to. */
function handClock(): Clock & { pass(seconds: number): Promise<void> } {
  let now = 0;
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  return {
    now: () => now,
    monotonic: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { until: now + ms, wake };
        function wake() {
          signal?.removeEventListener('abort', wake);
          sleepers.delete(sleeper);
          resolve();
        }
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake);
      }),
    async pass(seconds) {
      for (const end = now + 1_000 * seconds; now < end; ) {
        now += 500;
        for (const { until, wake } of sleepers) if (until <= now) wake();
        // The log is read in between, which is real work.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

const places: GatewayPlace[] = [];
afterEach(async () => {
  for (const place of places.splice(0)) await place.close();
});

async function open(config?: Parameters<typeof waiting>[0]) {
  const clock = handClock();
  const place = await openGatewayPlace({ control: createControlPlane(clock) }, () => ({}), clock);
  places.push(place);
  await createPublisher(place.ports, 'given').publish(waiting(config));
  return { ...place, clock };
}

/** A worker's stream: what it has been given so far. */
function work(place: GatewayPlace, worker: string, more: { count?: number; leaseSeconds?: number } = {}) {
  const request = { campaign: 'test', worker, count: undefined, leaseSeconds: undefined, ...more };
  const given: string[] = [];
  let failed: unknown;
  let isOver = false;
  const stream = place.gateway.Work(request)[Symbol.asyncIterator]();
  const reading = (async () => {
    for (let next = await stream.next(); !next.done; next = await stream.next()) {
      const { material, attempt } = next.value.calculation!;
      given.push(`${material?.id} ${attempt}`);
    }
  })().then(
    () => {
      isOver = true;
    },
    (error: unknown) => {
      failed = error;
    },
  );
  return {
    given,
    failure: () => failed,
    isOver: () => isOver,
    has: (count: number) => eventually(() => given.length === count),
    async leave() {
      await stream.return?.();
      await reading;
    },
  };
}

const tell = ({ gateway }: GatewayPlace, ...results: ReturnType<typeof result>[]) =>
  gateway.Tell({ campaign: 'test', results, rejections: [] });

describe('work that is handed out', () => {
  it('differs between two that ask at once, and what none has is nobody’s', async () => {
    const place = await open();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => work(place, name));
    await Promise.all([a!.has(1), b!.has(1)]);
    await place.clock.pass(10);
    expect([...a!.given, ...b!.given, ...c!.given].sort()).toEqual(['asked 1', 'other 1']);
    await Promise.all([a!.leave(), b!.leave(), c!.leave()]);
  });

  it('comes back when its worker is silent, and the answer that comes late is taken', async () => {
    const place = await open();
    const a = work(place, 'a', { leaseSeconds: 12 });
    await a.has(1);
    await place.clock.pass(40);
    const b = work(place, 'b', { count: 2 });
    await b.has(1);
    expect([a.given, b.given]).toEqual([['asked 1'], ['other 1']]);
    await a.leave();
    await place.clock.pass(9);
    expect(b.given).toEqual(['other 1']);
    await place.clock.pass(9);
    expect(b.given).toEqual(['other 1', 'asked 1']);
    expect(await tell(place, result('asked', 10))).toMatchObject({ outcomes: [{ outcome: 'answered' }] });
    expect(await tell(place, result('asked', 10))).toMatchObject({ outcomes: [{ outcome: 'known' }] });
    await b.leave();
  });

  it('is given again to a worker that lost its connection', async () => {
    const place = await open();
    const a = work(place, 'a');
    await a.has(1);
    await a.leave();
    await place.clock.pass(30);
    const [b, again] = [work(place, 'b', { count: 2 }), work(place, 'a')];
    await Promise.all([b.has(1), again.has(1)]);
    expect([again.given, b.given]).toEqual([['asked 1'], ['other 1']]);
    await Promise.all([b.leave(), again.leave()]);
  });

  it('makes room for the next when it is told, and an attempt that failed is open to all', async () => {
    const place = await open();
    const a = work(place, 'a');
    await a.has(1);
    await tell(place, failure('asked', 'no scf'));
    await place.clock.pass(2);
    // The same material is still the best.
    expect(a.given).toEqual(['asked 1', 'asked 2']);
    await tell(place, result('asked', 10));
    await place.clock.pass(2);
    expect(a.given).toEqual(['asked 1', 'asked 2', 'other 1']);
    await tell(place, result('other', 10));
    await place.clock.pass(2);
    expect([a.given.length, a.isOver()]).toEqual([3, false]);
    await a.leave();
  });

  it('ends with its campaign', async () => {
    const place = await open();
    const a = work(place, 'a');
    await a.has(1);
    const event = { type: 'CampaignStopped', epoch: 1, writer: 'w', sequence: 3, reason: 'cancelled' } as const;
    await createPublisher(place.ports, 'given').publish([{ event: event as never, campaign: 'test' }]);
    await place.clock.pass(2);
    expect([a.failure(), a.isOver()]).toEqual([undefined, true]);
  });

  it.each([
    ['no name', { worker: '' }, /worker is 0 characters long/],
    ['no count', { count: 0 }, /count is 0: give 1 to 2000/],
    ['a lease for ever', { leaseSeconds: 10 ** 9 }, /lease_seconds is 1000000000: give 1 to 604800/],
    ['no campaign', { campaign: 'none' }, /there is no campaign "none"/],
  ])('is refused to %s', async (_, wrong, message) => {
    const { gateway } = await open();
    const request = { campaign: 'test', worker: 'a', count: undefined, leaseSeconds: undefined, ...wrong };
    const next = () => gateway.Work(request)[Symbol.asyncIterator]().next();
    await expect(next()).rejects.toThrow(message);
  });

  it('is none of a campaign that calculates by itself', async () => {
    const place = await open(CONFIG);
    const a = work(place, 'a');
    await eventually(() => a.failure() !== undefined);
    expect(String(a.failure())).toContain('calculates by itself');
  });
});
