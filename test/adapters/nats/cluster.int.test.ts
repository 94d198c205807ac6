import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type NatsServer, startNatsCluster } from '../../../deploy/local/nats/nats-server.ts';
import { systemClock } from '../../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../../src/adapters/in-process/system-random.ts';
import { connectNats, type NatsLink } from '../../../src/adapters/nats/connect.ts';
import { openControlPlane } from '../../../src/adapters/nats/control-plane.ts';
import { openModelStore } from '../../../src/adapters/nats/model-store.ts';
import { retrying } from '../../../src/runtime/retry.ts';
import { describeWithNatsServer } from '../../support/nats/describe-with-nats.ts';

/** Tries again as the runtime does. */
const patiently = <T>(action: () => Promise<T>) => retrying({ clock: systemClock, random: systemRandom }, action);

describeWithNatsServer('a cluster of three NATS servers', (binary) => {
  let servers: readonly NatsServer[];
  let link: NatsLink;
  beforeAll(async () => {
    servers = await startNatsCluster(binary);
    link = await connectNats({ servers: servers.map(({ url }) => url), name: 'test' });
  });
  afterAll(async () => {
    await link.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  it('keeps three copies, and all that it acknowledged when the leader dies', async () => {
    const [plane, store] = [openControlPlane({ link }), openModelStore({ link })];
    // Until the servers have found together; from then on without patience.
    await patiently(() => plane.nodes());
    const asked = Array.from({ length: 20 }, (_, i) => plane.acquireLease('campaign', `node ${i}`, 60_000));
    const leases = (await Promise.all(asked)).filter((got) => got !== undefined);
    expect(leases).toHaveLength(1);
    const lease = leases[0]!;
    await plane.acquireLease('short', 'a', 1000);
    await plane.announce({ id: 'short', service: 's', engine: 'e' }, 1000);
    const models = Array.from({ length: 5 }, () => randomBytes(1_000_000));
    const names = await Promise.all(models.map((bytes) => store.put(bytes)));
    const manager = await link.connection.jetstreamManager();
    const [control, model] = await Promise.all(
      ['control', 'models'].map((bucket) => manager.streams.info(`KV_elastream-${bucket}`)),
    );
    expect([control!.config.num_replicas, model!.config.num_replicas]).toEqual([3, 3]);

    await systemClock.sleep(1500);
    expect(await plane.nodes()).toEqual([]);
    expect(await plane.acquireLease('short', 'b', 1000)).toMatchObject({ holder: 'b' });

    const leader = servers[Number(control!.cluster!.leader!.slice(1))]!;
    await leader.kill();
    expect(await patiently(() => plane.acquireLease('campaign', 'b', 60_000))).toBeUndefined();
    expect(await patiently(() => plane.acquireLease(lease.name, lease.holder, 60_000))).toEqual(lease);
    for (const [i, name] of names.entries()) {
      expect(models[i]!.equals((await patiently(() => store.get(name)))!)).toBe(true);
    }
    await patiently(() => plane.releaseLease(lease));
    const next = (await patiently(() => plane.acquireLease('campaign', 'b', 1000)))!;
    expect(next.token).toBeGreaterThan(lease.token);
    await patiently(() => store.put(randomBytes(1_000_000)));
  });
});
