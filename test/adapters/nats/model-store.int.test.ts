import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type NatsServer, startNatsServer } from '../../../deploy/local/nats/nats-server.ts';
import { openModelStore } from '../../../src/adapters/nats/model-store.ts';
import { modelStoreContract } from '../../contract/model-store.contract.ts';
import { collected } from '../../support/events.ts';
import { describeWithNats } from '../../support/nats/describe-with-nats.ts';
import { natsPlace } from '../../support/nats/nats-places.ts';

describeWithNats('model store on NATS', ({ url, binary }) => {
  let server: NatsServer | undefined;
  beforeAll(async () => {
    if (binary) server = await startNatsServer(binary);
  });
  afterAll(() => server?.stop());

  modelStoreContract(async () => {
    const place = await natsPlace(url ?? server!.url);
    return {
      open: async () => openModelStore(place),
      async damage(_, name) {
        const js = place.link.connection.jetstream();
        await js.publish(`$KV.${place.namespace}-models.${name}.0`, 'leaf_value=0.35');
      },
      remove: place.remove,
    };
  });

  /** A store, and the stream below it. */
  async function opened() {
    const place = await natsPlace(url ?? server!.url);
    const manager = await place.link.connection.jetstreamManager();
    const bucket = `${place.namespace}-models`;
    return {
      ...place,
      store: openModelStore(place),
      remains: async () => (await manager.streams.info(`KV_${bucket}`)).state.messages,
      async limit(bytes: number) {
        const { config } = await manager.streams.info(`KV_${bucket}`);
        await manager.streams.update(`KV_${bucket}`, { ...config, max_bytes: bytes });
      },
      erase: (key: string) => manager.streams.purge(`KV_${bucket}`, { filter: `$KV.${bucket}.${key}` }),
      overwrite: (key: string, bytes: Uint8Array) =>
        place.link.connection.jetstream().publish(`$KV.${bucket}.${key}`, bytes),
    };
  }

  it('stores models where somebody listens to everything, and so no server says that there is no stream yet', async () => {
    const { store, link, remove } = await opened();
    link.connection.subscribe('>', { callback: () => {} });
    await link.connection.flush();
    const bytes = randomBytes(100);
    await expect(store.put(bytes)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    const stored = await store.get(await store.put(bytes));
    expect(stored && Buffer.from(stored)).toEqual(bytes);
    await remove();
  });

  it('gives no truncated or damaged model, finds out at once, and is mended by putting again', async () => {
    const { store, erase, overwrite, remove } = await opened();
    const bytes = randomBytes(700_000);
    const name = await store.put(bytes);
    const damages: (() => Promise<unknown>)[] = [
      () => erase(`${name}.2`),
      () => erase(`${name}.0`),
      async () => Promise.all([0, 1, 2].map((i) => erase(`${name}.${i}`))),
      () => overwrite(`${name}.1`, randomBytes(2 ** 18)),
      () => overwrite(`${name}.1`, new Uint8Array(0)),
      () => overwrite(`${name}.manifest`, Buffer.from('{"bytes":700000,"chunks":2}')),
      () => overwrite(`${name}.manifest`, Buffer.from('{"bytes":1e300,"chunks":1e300}')),
      () => overwrite(`${name}.manifest`, Buffer.from('{')),
    ];
    for (const damage of damages) {
      await damage();
      const start = performance.now();
      await expect(store.get(name), `${damage}`).rejects.toMatchObject({ code: 'storage_corrupt', retryable: false });
      expect(performance.now() - start).toBeLessThan(1000);
      expect((await collected(store.list())).map((model) => model.name)).toEqual([name]);
      expect(await store.put(bytes)).toBe(name);
      expect(bytes.equals((await store.get(name))!)).toBe(true);
    }
    await remove();
  });

  it('keeps a model once, whoever puts it and however often, and nothing of one that is deleted', async () => {
    const { store, remains, erase, remove } = await opened();
    const bytes = randomBytes(2_000_000);
    const names = await Promise.all(Array.from({ length: 5 }, () => store.put(bytes)));
    expect(new Set(names).size).toBe(1);
    expect(await remains()).toBe(8 + 1);
    // As a crash leaves it: chunks, and no manifest yet.
    await erase(`${names[0]}.manifest`);
    expect(await store.get(names[0]!)).toBeUndefined();
    expect(await collected(store.list())).toEqual([]);
    await store.put(bytes);
    expect(await remains()).toBe(8 + 1);
    await erase(`${names[0]}.manifest`);
    await store.delete(names[0]!);
    expect(await remains()).toBe(0);
    await remove();
  });

  it('says that it is full and forgets nothing, and takes models again once there is room', async () => {
    const { store, limit, remove } = await opened();
    const [kept, next] = [randomBytes(500_000), randomBytes(500_000)];
    const name = await store.put(kept);
    await limit(700_000);
    await expect(store.put(next)).rejects.toMatchObject({
      ...{ code: 'storage_unwritable', retryable: false },
      message: expect.stringMatching(/maximum bytes.*free space or raise JetStream's limits/),
    });
    expect(kept.equals((await store.get(name))!)).toBe(true);
    await limit(-1);
    expect(next.equals((await store.get(await store.put(next)))!)).toBe(true);
    await remove();
  });

  it('never gives half a model while others delete it and put it again', async () => {
    const { store, remove } = await opened();
    const bytes = randomBytes(1_000_000);
    const name = await store.put(bytes);
    let isOver = false;
    const changing = (async () => {
      for (let i = 0; i < 30; i++) {
        await store.delete(name);
        await store.put(bytes);
      }
      isOver = true;
    })();
    const seen = { whole: 0, absent: 0 };
    while (!isOver) {
      const read = await store.get(name).catch((error) => {
        expect(error).toMatchObject({ code: 'storage_corrupt' });
        return undefined;
      });
      if (read) expect(bytes.equals(read)).toBe(true);
      seen[read ? 'whole' : 'absent']++;
    }
    await changing;
    expect(bytes.equals((await store.get(name))!)).toBe(true);
    expect(seen.whole + seen.absent).toBeGreaterThan(10);
    await remove();
  });

  it('keeps no reference to the bytes, takes empty ones, and refuses more than 256 MiB', async () => {
    const { store, remove } = await opened();
    const bytes = new Uint8Array(3_000_000).fill(7);
    const putting = store.put(bytes);
    bytes.fill(9);
    expect((await store.get(await putting))!.every((byte) => byte === 7)).toBe(true);
    expect(await store.get(await store.put(new Uint8Array(0)))).toHaveLength(0);
    const tooMany = store.put(new Uint8Array(2 ** 28 + 1));
    await expect(tooMany).rejects.toMatchObject({ code: 'invalid_argument' });
    await remove();
  });
});
