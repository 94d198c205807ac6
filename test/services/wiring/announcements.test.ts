import { beforeEach, describe, expect, it } from 'vitest';
import { startAnnouncements } from '../../../services/wiring/announcements.ts';
import { createControlPlane } from '../../../src/adapters/in-process/control-plane.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type { ControlPlane } from '../../../src/ports/control-plane.ts';
import { createVirtualClock, type VirtualClock } from '../../support/simulation/virtual-clock.ts';

const NODE = { id: 'shard-1', service: 'training-shard', address: '127.0.0.1:1', engine: 'e', partitions: [1, 2] };
const LOST = new AppError('unavailable', 'NATS is not there', { retryable: true });

describe('announcements', () => {
  let clock: VirtualClock;
  let control: ControlPlane;
  let failures: unknown[];
  beforeEach(() => {
    clock = createVirtualClock();
    control = createControlPlane(clock);
    failures = [];
  });
  const start = (registry = control) =>
    startAnnouncements(NODE, { control: registry, clock, onFailure: (error) => failures.push(error) });

  it('keep a node in the registry for as long as it lives, and take it out when it stops', async () => {
    const announcements = start();
    await clock.advance(0);
    expect(await control.nodes()).toEqual([NODE]);
    await clock.advance(60_000);
    expect(await control.nodes()).toEqual([NODE]);
    await announcements.stop();
    expect(await control.nodes()).toEqual([]);
    expect(failures).toEqual([]);
  });

  it('tell at once what has changed, and go on telling it', async () => {
    const announcements = start();
    await clock.advance(0);
    announcements.change({ partitions: [3] });
    await clock.advance(0);
    expect(await control.nodes()).toEqual([{ ...NODE, partitions: [3] }]);
    await clock.advance(60_000);
    expect(await control.nodes()).toEqual([{ ...NODE, partitions: [3] }]);
    await announcements.stop();
  });

  it('never let an older word come last', async () => {
    const heard: (readonly number[] | undefined)[] = [];
    const slow = {
      ...control,
      async announce(node: typeof NODE) {
        const delayMs = heard.length === 0 ? 500 : 0;
        await clock.sleep(delayMs);
        heard.push(node.partitions);
      },
    };
    const announcements = start(slow as ControlPlane);
    for (const partition of [3, 4]) announcements.change({ partitions: [partition] });
    await clock.advance(1_000);
    expect(heard.at(-1)).toEqual([4]);
    await announcements.stop();
  });

  it('outlast a registry that is away, which each failure is told of', async () => {
    let isAway = true;
    const announce: ControlPlane['announce'] = async (...of) => {
      if (isAway) throw LOST;
      await control.announce(...of);
    };
    const announcements = start({ ...control, announce });
    await clock.advance(5_000);
    expect(failures).toEqual([LOST, LOST, LOST]);
    isAway = false;
    await clock.advance(2_000);
    expect(await control.nodes()).toEqual([NODE]);
    isAway = true;
    await announcements.stop();
    expect(await control.nodes()).toEqual([]);
  });
});
