import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../support/simulation/virtual-clock.ts';

const DAY_MS = 86_400_000;

describe('a virtual clock', () => {
  it('passes days in no time, waking sleepers in the order of their time and arrival', async () => {
    const clock = createVirtualClock(0);
    const began = performance.now();
    const woken: string[] = [];
    const sleep = (name: string, ms: number) => clock.sleep(ms).then(() => woken.push(`${name}@${clock.now()}`));
    const sleeping = [sleep('late', DAY_MS), sleep('early', 5), sleep('also early', 5), sleep('at once', 0)];
    await clock.outcome(Promise.all(sleeping), 2 * DAY_MS);
    expect(woken).toEqual(['at once@0', 'early@5', 'also early@5', `late@${DAY_MS}`]);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('stands still while promises, iterators and immediates are at work', async () => {
    const clock = createVirtualClock(0);
    const seen: number[] = [];
    void clock.sleep(1).then(() => seen.push(-1));
    async function* slow() {
      for (let i = 0; i < 50; i++) {
        if (i % 2) await new Promise((resolve) => setImmediate(resolve));
        else for (let turn = 0; turn < 1000; turn++) await undefined;
        yield i;
      }
    }
    void (async () => {
      for await (const i of slow()) {
        expect(clock.now()).toBe(0);
        seen.push(i);
      }
    })();
    await clock.advance(1);
    expect(seen).toEqual([...Array(50).keys(), -1]);
  });

  it('advances by just so much', async () => {
    const clock = createVirtualClock(0);
    let ticks = 0;
    void (async () => {
      for (;;) {
        await clock.sleep(10);
        ticks++;
      }
    })();
    await clock.advance(95);
    expect([clock.now(), ticks]).toEqual([95, 9]);
  });

  it('runs beside another one', async () => {
    const clocks = [createVirtualClock(0), createVirtualClock(0)];
    await Promise.all(
      clocks.map(async (clock) => {
        const napping = (async () => {
          for (let i = 0; i < 10; i++) await clock.sleep(1);
        })();
        await clock.outcome(napping, DAY_MS);
      }),
    );
    expect(clocks.map((clock) => clock.now())).toEqual([10, 10]);
  });

  it('lets a sleep end with its signal, also one that is aborted already', async () => {
    const clock = createVirtualClock(0);
    const stop = new AbortController();
    const sleeping = clock.sleep(DAY_MS, stop.signal);
    stop.abort();
    await sleeping;
    await clock.sleep(DAY_MS, stop.signal);
    expect(clock.now()).toBe(0);
    await expect(clock.runUntil(() => false, DAY_MS)).rejects.toThrow('nothing is left to happen');
  });

  it('says where it waits in vain', async () => {
    const clock = createVirtualClock(0);
    void clock.sleep(200);
    await expect(clock.runUntil(() => clock.now() > 300, 100)).rejects.toThrow('not within 100 virtual ms');
    await expect(clock.runUntil(() => clock.now() > 300, 1000)).rejects.toThrow('clock.now() > 300');
    let busy = true;
    void (async () => {
      while (busy) await new Promise((resolve) => setImmediate(resolve));
    })();
    await expect(clock.advance(1)).rejects.toThrow('for ever');
    busy = false;
    await expect(clock.outcome(Promise.reject(new Error('mine')), 1)).rejects.toThrow('mine');
  });
});
