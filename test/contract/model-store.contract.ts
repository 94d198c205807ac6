import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ModelName, ModelStore } from '../../src/ports/model-store.ts';
import { collected } from '../support/events.ts';

export interface ModelStorePlace {
  open(): Promise<ModelStore>;
  /** Changes one byte of a stored model without the store's knowledge. */
  damage(store: ModelStore, name: ModelName): Promise<void>;
  remove(): Promise<void>;
}

/** The contract of every ModelStore. */
export function modelStoreContract(create: () => Promise<ModelStorePlace>): void {
  let place: ModelStorePlace;
  let store: ModelStore;
  beforeEach(async () => {
    place = await create();
    store = await place.open();
  });
  afterEach(async () => {
    await store.close();
    await place.remove();
  });
  const listed = async () => (await collected(store.list())).sort((a, b) => (a.name < b.name ? -1 : 1));
  const absent = 'ab'.repeat(32) as ModelName;

  it('gives back what was put, by its SHA-256, after reopening too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 20_000 }), async (bytes) => {
        const name = await store.put(bytes);
        expect(name).toBe(createHash('sha256').update(bytes).digest('hex'));
        expect(Buffer.from((await store.get(name))!).equals(bytes)).toBe(true);
      }),
      { numRuns: 15 },
    );
    const name = await store.put(Buffer.from('tree\n'));
    await store.close();
    store = await place.open();
    expect(Buffer.from((await store.get(name))!).toString()).toBe('tree\n');
  });

  it('keeps equal bytes once, and lists names and sizes', async () => {
    const names = await Promise.all([
      store.put(Buffer.from('a')),
      store.put(Buffer.from('a')),
      store.put(Buffer.from('bc')),
    ]);
    expect(new Set(names).size).toBe(2);
    const expected = [
      { name: names[0], bytes: 1 },
      { name: names[2], bytes: 2 },
    ];
    expect(await listed()).toEqual(expected.sort((a, b) => (a.name < b.name ? -1 : 1)));
  });

  it('knows what it has not, and deletes', async () => {
    expect(await store.get(absent)).toBeUndefined();
    await store.delete(absent);
    const name = await store.put(Buffer.from('gone soon'));
    expect(await store.get(name)).toBeDefined();
    await store.delete(name);
    expect([await store.get(name), await listed()]).toEqual([undefined, []]);
  });

  it('takes models of tens of megabytes', async () => {
    const bytes = Buffer.alloc(30_000_000, 'tree=1\n');
    const name = await store.put(bytes);
    expect(Buffer.from((await store.get(name))!).equals(bytes)).toBe(true);
  });

  it('never gives damaged bytes, and is mended by putting again', async () => {
    const bytes = Buffer.from('leaf_value=0.25');
    const name = await store.put(bytes);
    await place.damage(store, name);
    await expect(store.get(name)).rejects.toMatchObject({ code: 'storage_corrupt' });
    expect(await store.put(bytes)).toBe(name);
    expect(Buffer.from((await store.get(name))!).equals(bytes)).toBe(true);
  });
}
