import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type NatsServer, startNatsServer } from '../../../deploy/local/nats/nats-server.ts';
import type { NatsLink } from '../../../src/adapters/nats/connect.ts';
import { openControlPlane } from '../../../src/adapters/nats/control-plane.ts';
import { openModelStore } from '../../../src/adapters/nats/model-store.ts';
import type { ControlPlane, Lease } from '../../../src/ports/control-plane.ts';
import type { ModelName } from '../../../src/ports/model-store.ts';
import { collected } from '../../support/events.ts';
import { eventually } from '../../support/eventually.ts';
import { describeWithNatsServer } from '../../support/nats/describe-with-nats.ts';
import { natsPlace } from '../../support/nats/nats-places.ts';

const PASSING = { code: 'unavailable', retryable: true };

describeWithNatsServer('a NATS server that goes away', (binary) => {
  let server: NatsServer;
  let place: { link: NatsLink; namespace: string };
  beforeEach(async () => {
    server = await startNatsServer(binary);
    place = await natsPlace(server.url);
  });
  afterEach(async () => {
    await place.link.close();
    await server.stop();
  });

  it('keeps what it acknowledged over kill -9 under load, and leases run on meanwhile', async () => {
    const [plane, store] = [openControlPlane(place), openModelStore(place)];
    const long = (await plane.acquireLease('long', 'a', 20_000))!;
    const short = (await plane.acquireLease('short', 'a', 1000))!;
    await plane.announce({ id: 'node', service: 's', engine: 'e' }, 20_000);
    const seen: number[] = [];
    await plane.watchProgress('one', ({ done }) => seen.push(done));
    const progress = (done: number) => plane.publishProgress({ campaign: 'one', round: 1, step: 's', done, total: 2 });
    await progress(1);
    await eventually(() => seen.length === 1);

    const acknowledged = new Map<ModelName, Buffer>();
    const errors: unknown[] = [];
    let isOver = false;
    const writer = async (id: number) => {
      for (let i = 0; !isOver; i++) {
        const bytes = Buffer.alloc(700_000, `model ${id} ${i}\n`);
        await store
          .put(bytes)
          .then((name) => acknowledged.set(name, bytes))
          .catch((error) => errors.push(error));
        await sleep(5);
      }
    };
    const writers = [0, 1, 2].map(writer);
    await eventually(() => acknowledged.size > 20);
    await server.kill();
    await eventually(() => !place.link.isUp);
    await expect(plane.acquireLease('long', long.holder, 20_000)).rejects.toMatchObject(PASSING);
    await progress(2);
    await sleep(1000);
    const before = acknowledged.size;
    await server.start();
    await eventually(() => acknowledged.size > before + 10);
    isOver = true;
    await Promise.all(writers);

    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toMatchObject(PASSING);
    for (const [name, bytes] of acknowledged) expect(bytes.equals((await store.get(name))!)).toBe(true);
    for (const { name } of await collected(store.list())) expect(await store.get(name)).toBeDefined();
    expect(await plane.acquireLease('long', long.holder, 20_000)).toEqual(long);
    expect(await plane.acquireLease('long', 'b', 1000)).toBeUndefined();
    expect((await plane.acquireLease('short', short.holder, 1000))!.token).toBeGreaterThan(short.token);
    expect(await plane.nodes()).toHaveLength(1);
    await progress(3);
    await eventually(() => seen.includes(3));
    expect(seen).toEqual([1, 3]);
  });

  it('may lose everything: leases are gone, tokens still grow, and all is made anew', async () => {
    const [plane, store] = [openControlPlane(place), openModelStore(place)];
    const tokens: number[] = [];
    for (const holder of ['a', 'b', 'c']) {
      const lease = (await plane.acquireLease('campaign', holder, 20_000))!;
      tokens.push(lease.token);
      if (holder !== 'c') await plane.releaseLease(lease);
    }
    const name = await store.put(Buffer.from('tree'));
    await server.kill();
    server.wipe();
    await server.start();
    await eventually(() => place.link.isUp);
    expect([await store.get(name), await collected(store.list())]).toEqual([undefined, []]);
    expect(await plane.nodes()).toEqual([]);
    tokens.push((await plane.acquireLease('campaign', 'd', 20_000))!.token);
    expect(tokens.slice(1).every((token, i) => token > tokens[i]!)).toBe(true);
    expect(await store.put(Buffer.from('tree'))).toBe(name);
    expect(Buffer.from((await store.get(name))!).toString()).toBe('tree');
  });

  it('counts on where nothing is left: a token is never given again', async () => {
    const plane = openControlPlane(place);
    const first = (await plane.acquireLease('campaign', 'a', 1000))!;
    await sleep(1200);
    await server.kill();
    await server.start();
    await eventually(() => place.link.isUp);
    const second = await acquired(plane, 'b');
    expect(second.token).toBeGreaterThan(first.token);
    await server.kill();
    await sleep(1200);
    await server.start();
    await eventually(() => place.link.isUp);
    expect((await acquired(plane, 'c')).token).toBeGreaterThan(second.token);
  });

  it('may hang: a request says so in time, and works again afterwards', async () => {
    const plane = openControlPlane(place);
    const lease = (await plane.acquireLease('campaign', 'a', 20_000))!;
    server.freeze();
    const start = performance.now();
    await expect(plane.acquireLease('campaign', 'a', 20_000)).rejects.toMatchObject(PASSING);
    expect(performance.now() - start).toBeLessThan(8000);
    server.thaw();
    await eventually(
      async () => (await plane.acquireLease('campaign', 'a', 20_000).catch(() => undefined)) !== undefined,
    );
    expect(await plane.acquireLease('campaign', 'a', 20_000)).toEqual(lease);
  });

  it('may be full: nothing is half stored, and the error says what to do', async () => {
    const account = 'jetstream { max_file: 3000000, max_mem: 0 }, users: [ { user: u, password: p } ]';
    await server.restart(`accounts { A { ${account} } }\nno_auth_user: u`);
    await eventually(() => place.link.isUp);
    const store = openModelStore(place);
    const kept = await store.put(Buffer.alloc(1_000_000, 'a'));
    const full = { code: 'storage_unwritable', retryable: false, message: expect.stringContaining('free space') };
    await expect(store.put(Buffer.alloc(4_000_000, 'b'))).rejects.toMatchObject(full);
    expect((await collected(store.list())).map(({ name }) => name)).toEqual([kept]);
    expect(await store.get(kept)).toHaveLength(1_000_000);
  });
});

/** A lease runs out up to a second late, and a server that has just started looks for such ones in its own time. */
async function acquired(plane: ControlPlane, holder: string): Promise<Lease> {
  let lease: Lease | undefined;
  await eventually(async () => {
    lease = await plane.acquireLease('campaign', holder, 1000);
    return lease !== undefined;
  });
  return lease!;
}
