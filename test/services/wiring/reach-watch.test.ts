import { beforeEach, describe, expect, it } from 'vitest';
import { startAnnouncements } from '../../../services/wiring/announcements.ts';
import { startReachWatch } from '../../../services/wiring/reach-watch.ts';
import { createControlPlane } from '../../../src/adapters/in-process/control-plane.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type { ControlPlane } from '../../../src/ports/control-plane.ts';
import { createVirtualClock, type VirtualClock } from '../../support/simulation/virtual-clock.ts';

const SHARD = { id: 'shard-1', service: 'training-shard', address: 'shard-1-host:7400', engine: 'e' };

describe('a node whose address does not answer', () => {
  let clock: VirtualClock;
  let control: ControlPlane;
  /** What each node says of its readiness, and what it logs. */
  let ready: Map<string, string | undefined>;
  let logged: string[];
  /** The pairs of caller and address that reach each other. */
  let ways: Set<string>;
  beforeEach(() => {
    clock = createVirtualClock();
    control = createControlPlane(clock);
    ready = new Map();
    logged = [];
    ways = new Set();
  });
  const start = (node: typeof SHARD, calls?: string) => {
    const announcements = startAnnouncements(node, { control, clock, onFailure: () => {} });
    const watch = startReachWatch(node, {
      ...{ control, clock, announcements },
      ...(calls !== undefined && { calls }),
      telemetry: {
        log: (level, message) => void logged.push(`${node.id} ${level} ${message}`),
        hindered: (_, error) => void ready.set(node.id, error?.message),
      },
      async knock(address) {
        if (!ways.has(`${node.id} ${address}`)) throw new AppError('unavailable', 'getaddrinfo ENOTFOUND');
      },
    });
    return async () => {
      await watch.stop();
      await announcements.stop();
    };
  };
  const caller = (id: string) => ({ id, service: 'acquisition', address: `${id}:1`, engine: '' });

  it('is not ready within 20 s, says the address and the setting, and its caller names it once', async () => {
    const stops = [start(SHARD), start(caller('a'), 'training-shard')];
    await clock.advance(20_000);
    expect(ready.get('shard-1')).toBe(
      'nobody reaches this node at shard-1-host:7400, which it announces: getaddrinfo ENOTFOUND (told by a); ' +
        'set grpc.advertise (ELASTREAM_GRPC_ADVERTISE) to a host or address by which the other services reach it',
    );
    expect(ready.get('a')).toBeUndefined();
    await clock.advance(60_000);
    expect(logged.filter((line) => line.startsWith('a warn'))).toEqual([
      'a warn training-shard shard-1 does not answer at shard-1-host:7400, the address that it announces: getaddrinfo ENOTFOUND',
    ]);
    expect(logged.filter((line) => line.startsWith('shard-1 error'))).toHaveLength(1);
    for (const stop of stops) await stop();
  });

  it('is ready again as soon as one caller reaches it, because the others may be cut off themselves', async () => {
    const stops = [start(SHARD), start(caller('a'), 'training-shard'), start(caller('b'), 'training-shard')];
    await clock.advance(20_000);
    expect(ready.get('shard-1')).toContain('told by a, b');
    ways.add('b shard-1-host:7400');
    await clock.advance(12_000);
    expect(ready.get('shard-1')).toBeUndefined();
    expect(logged.at(-1)).toBe('shard-1 info others reach this node again');
    for (const stop of stops) await stop();
  });

  it('is left alone by one failed attempt, and where nobody calls its service', async () => {
    const stops = [start(SHARD), start(caller('a'), 'something-else')];
    await clock.advance(30_000);
    expect(ready.get('shard-1')).toBeUndefined();
    ways.add('c shard-1-host:7400');
    stops.push(start(caller('c'), 'training-shard'));
    await clock.advance(1_000);
    ways.clear();
    await clock.advance(5_000);
    ways.add('c shard-1-host:7400');
    await clock.advance(30_000);
    expect(logged).toEqual([]);
    for (const stop of stops) await stop();
  });

  it('keeps what it knows while the registry is away', async () => {
    const stop = start(SHARD);
    control.nodes = async () => {
      throw new AppError('unavailable', 'NATS is not there', { retryable: true });
    };
    await clock.advance(30_000);
    expect(ready.get('shard-1')).toBeUndefined();
    await stop();
  });
});
