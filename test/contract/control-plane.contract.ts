import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ControlPlane, Progress, ServiceNode } from '../../src/ports/control-plane.ts';
import { eventually } from '../support/eventually.ts';

export interface ControlPlanePlace {
  readonly plane: ControlPlane;
  /** Lets time pass: in reality, or on the clock that the plane was given. */
  pass(ms: number): Promise<void>;
  remove(): Promise<void>;
}

/** Long enough for a server on a busy machine. */
const TTL_MS = 2000;

/** The contract of every ControlPlane. */
export function controlPlaneContract(create: () => Promise<ControlPlanePlace>): void {
  let place: ControlPlanePlace;
  let plane: ControlPlane;
  beforeEach(async () => {
    place = await create();
    plane = place.plane;
  });
  afterEach(async () => {
    await plane.close();
    await place.remove();
  });
  const node = (id: string): ServiceNode => ({
    id,
    service: 'training-shard',
    engine: 'x64 node20',
    address: 'shard:1',
  });

  it('gives a lease to one of many at a time', async () => {
    const won = await Promise.all(
      [...Array(20).keys()].map((i) => plane.acquireLease('campaign-1', `node-${i}`, TTL_MS)),
    );
    const leases = won.filter((lease) => lease !== undefined);
    expect(leases).toHaveLength(1);
    expect(await plane.acquireLease('campaign-2', 'someone', TTL_MS)).toMatchObject({ holder: 'someone' });
    expect(await plane.acquireLease('campaign-1', leases[0]!.holder, TTL_MS)).toEqual(leases[0]);
  });

  it('ends a lease with its time, unless it is renewed, and numbers holders upwards', async () => {
    const first = (await plane.acquireLease('campaign', 'a', TTL_MS))!;
    await place.pass(0.6 * TTL_MS);
    expect(await plane.acquireLease('campaign', 'a', TTL_MS)).toEqual(first);
    await place.pass(0.6 * TTL_MS);
    expect(await plane.acquireLease('campaign', 'b', TTL_MS)).toBeUndefined();
    await place.pass(TTL_MS);
    const second = (await plane.acquireLease('campaign', 'b', TTL_MS))!;
    expect(second.token).toBeGreaterThan(first.token);
    expect(await plane.acquireLease('campaign', 'a', TTL_MS)).toBeUndefined();
    await plane.releaseLease(first);
    expect(await plane.acquireLease('campaign', 'a', TTL_MS)).toBeUndefined();
    await plane.releaseLease(second);
    expect((await plane.acquireLease('campaign', 'a', TTL_MS))!.token).toBeGreaterThan(second.token);
  });

  it('numbers anew a lease that ran out, even if nobody else took it', async () => {
    const lease = (await plane.acquireLease('campaign', 'a', TTL_MS))!;
    await place.pass(1.5 * TTL_MS);
    expect((await plane.acquireLease('campaign', 'a', TTL_MS))!.token).toBeGreaterThan(lease.token);
  });

  it('lists the nodes that live', async () => {
    await plane.announce(node('b'), TTL_MS);
    await plane.announce(node('a'), TTL_MS);
    await plane.announce(node('c'), TTL_MS);
    expect(await plane.nodes()).toEqual([node('a'), node('b'), node('c')]);
    await plane.withdraw('c');
    await place.pass(0.6 * TTL_MS);
    await plane.announce(node('a'), TTL_MS);
    await place.pass(0.6 * TTL_MS);
    expect(await plane.nodes()).toEqual([node('a')]);
  });

  it('passes progress to those who watch that campaign, while they watch', async () => {
    const seen: Progress[] = [];
    const stop = await plane.watchProgress('one', (progress) => seen.push(progress));
    const progress = (campaign: string, done: number) => ({ campaign, round: 3, step: 'train', done, total: 20 });
    await plane.publishProgress(progress('two', 1));
    await plane.publishProgress(progress('one', 2));
    await eventually(() => seen.length === 1);
    await stop();
    await plane.publishProgress(progress('one', 3));
    expect(seen).toEqual([progress('one', 2)]);
  });
}
