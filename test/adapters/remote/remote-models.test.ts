import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRemoteModels } from '../../../src/adapters/remote/remote-models.ts';
import type { ModelName, ModelStore } from '../../../src/ports/model-store.ts';
import { collected } from '../../support/events.ts';
import { type GatewayPlace, openGatewayPlace } from '../../support/gateway.ts';

let place: GatewayPlace;
let remote: ModelStore;
beforeEach(async () => {
  place = await openGatewayPlace();
  remote = createRemoteModels(place.gateway);
});
afterEach(() => place.close());

describe('models read through a gateway', () => {
  it('come whole, by name', async () => {
    const bytes = Buffer.alloc(3_000_000, 'tree=1\n');
    const name = await place.models.put(bytes);
    expect(Buffer.from((await remote.get(name))!).equals(bytes)).toBe(true);
    const pieces = await collected(place.gateway.GetModel({ name }));
    expect(Math.max(...pieces.map(({ piece }) => piece.length))).toBe(2 ** 18);
  });

  it('that are not there are none, and a name that is none is refused', async () => {
    const absent = 'ab'.repeat(32) as ModelName;
    expect(await remote.get(absent)).toBeUndefined();
    await expect(remote.get('*' as ModelName)).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('that come damaged are told', async () => {
    const name = await place.models.put(Buffer.from('leaf_value=0.25'));
    const damaging = createRemoteModels({
      async *GetModel(request) {
        for await (const { piece } of place.gateway.GetModel(request)) yield { piece: piece.subarray(1) };
      },
    });
    await expect(damaging.get(name)).rejects.toMatchObject({ code: 'storage_corrupt' });
  });

  it('are not changed', async () => {
    const refused = { code: 'invalid_argument' };
    await expect(remote.put(Buffer.from('a'))).rejects.toMatchObject(refused);
    await expect(remote.delete('ab'.repeat(32) as ModelName)).rejects.toMatchObject(refused);
    await expect(collected(remote.list())).rejects.toMatchObject(refused);
  });
});
