import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type NatsServer, startNatsServer } from '../../../deploy/local/nats/nats-server.ts';
import { connectNats } from '../../../src/adapters/nats/connect.ts';
import { openControlPlane } from '../../../src/adapters/nats/control-plane.ts';
import type { Progress } from '../../../src/ports/control-plane.ts';
import { controlPlaneContract } from '../../contract/control-plane.contract.ts';
import { eventually } from '../../support/eventually.ts';
import { describeWithNats } from '../../support/nats/describe-with-nats.ts';
import { natsPlace } from '../../support/nats/nats-places.ts';

describeWithNats('control plane on NATS', ({ url, binary }) => {
  let server: NatsServer | undefined;
  beforeAll(async () => {
    if (binary) server = await startNatsServer(binary);
  });
  afterAll(() => server?.stop());

  controlPlaneContract(async () => {
    const place = await natsPlace(url ?? server!.url);
    return { plane: openControlPlane(place), pass: (ms) => sleep(ms), remove: place.remove };
  });

  it('gives a lease to one of many processes, and its next holder a greater token, round after round', async () => {
    const place = await natsPlace(url ?? server!.url);
    const connecting = Array.from({ length: 20 }, () => connectNats({ servers: [url ?? server!.url], name: 'test' }));
    const links = await Promise.all(connecting);
    const planes = links.map((link) => openControlPlane({ link, namespace: place.namespace }));
    await planes[0]!.nodes();
    let token = 0;
    for (let round = 0; round < 20; round++) {
      const asked = planes.map((plane, i) => plane.acquireLease('a name. with > * é', `node ${i}`, 10_000));
      const leases = (await Promise.all(asked)).filter((lease) => lease !== undefined);
      expect(leases).toHaveLength(1);
      expect(leases[0]!.token).toBeGreaterThan(token);
      token = leases[0]!.token;
      await planes[round]!.releaseLease(leases[0]!);
    }
    await Promise.all(links.map((link) => link.close()));
    await place.remove();
  });

  it("ends a lease by the server's clock, in whole seconds, and never early", async () => {
    const place = await natsPlace(url ?? server!.url);
    const plane = openControlPlane(place);
    const lengths = await Promise.all(
      [1, 1000, 1500].map(async (ttlMs) => {
        const start = performance.now();
        await plane.acquireLease(`of ${ttlMs}`, 'a', ttlMs);
        while (!(await plane.acquireLease(`of ${ttlMs}`, 'b', 1000))) await sleep(5);
        return performance.now() - start;
      }),
    );
    for (const [i, least] of [1000, 1000, 2000].entries()) {
      expect(lengths[i]).toBeGreaterThanOrEqual(least - 5);
      expect(lengths[i]).toBeLessThan(least + 1000);
    }
    await place.remove();
  });

  it('lets one holder renew and release at once without losing the order', async () => {
    const place = await natsPlace(url ?? server!.url);
    const plane = openControlPlane(place);
    const lease = (await plane.acquireLease('campaign', 'a', 10_000))!;
    const renew = () => plane.acquireLease('campaign', 'a', 10_000);
    expect(await Promise.all(Array.from({ length: 10 }, renew))).toEqual(Array(10).fill(lease));
    await Promise.all([renew(), plane.releaseLease(lease), renew()]);
    // What was given up is never had again, whichever came first.
    expect((await renew())!.token).toBeGreaterThan(lease.token);
    await place.remove();
  });

  it('refuses a bucket that keeps no time to live: leases in it would never end', async () => {
    const place = await natsPlace(url ?? server!.url);
    const manager = await place.link.connection.jetstreamManager();
    const bucket = `${place.namespace}-control`;
    await manager.streams.add({ name: `KV_${bucket}`, subjects: [`$KV.${bucket}.>`] });
    const refused = { code: 'storage_incompatible', message: expect.stringContaining('nats-server 2.11') };
    await expect(openControlPlane(place).acquireLease('campaign', 'a', 1000)).rejects.toMatchObject(refused);
    await place.remove();
  });

  it('goes on watching after a message that nobody understands', async () => {
    const place = await natsPlace(url ?? server!.url);
    const plane = openControlPlane(place);
    const seen: Progress[] = [];
    await plane.watchProgress('one', (progress) => seen.push(progress));
    place.link.connection.publish(`${place.namespace}.progress.${Buffer.from('one').toString('base64url')}`, '{');
    const progress = { campaign: 'one', round: 1, step: 'train', done: 1, total: 2 };
    await plane.publishProgress(progress);
    await eventually(() => seen.length > 0);
    expect(seen).toEqual([progress]);
    await plane.close();
    await place.remove();
  });
});
