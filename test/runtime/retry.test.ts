import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/model/app-error.ts';
import { RETRY_POLICY, retrying } from '../../src/runtime/retry.ts';
import { createWorld } from '../support/simulation/world.ts';

const passing = new AppError('unavailable', 'not now', { retryable: true });

function open() {
  const world = createWorld({ seed: 1 });
  const { clock, random } = world.node('n').ports();
  const run = <T>(promise: Promise<T>) => world.clock.outcome(promise, 3_600_000);
  return { world, context: { clock, random }, run };
}

/** Fails so often, then succeeds. */
function failing(times: number, error: unknown = passing) {
  let calls = 0;
  const action = async () => {
    calls++;
    if (calls <= times) throw error;
    return calls;
  };
  return { action, calls: () => calls };
}

describe('retrying', () => {
  it('tries again until it succeeds', async () => {
    const { context, run } = open();
    expect(await run(retrying(context, failing(3).action))).toBe(4);
  });

  it('gives up with the last error after as many attempts as it may make, which take about 40 seconds', async () => {
    const { world, context, run } = open();
    const begun = world.clock.now();
    const { action, calls } = failing(100);
    await expect(run(retrying(context, action))).rejects.toBe(passing);
    expect(calls()).toBe(RETRY_POLICY.attemptsMax);
    const seconds = (world.clock.now() - begun) / 1000;
    expect(seconds).toBeGreaterThan(20);
    expect(seconds).toBeLessThan(41);
  });

  describe('within a time', () => {
    const policy = { attemptsMax: Number.POSITIVE_INFINITY, firstDelayMs: 25, delayMsMax: 2_000, withinMs: 120_000 };
    /** Each attempt fails after so many ms. */
    const slow = (world: ReturnType<typeof open>['world'], attempts: readonly number[]) => {
      let calls = 0;
      const action = async () => {
        await world.clock.sleep(attempts[calls++] ?? 0);
        throw passing;
      };
      return { action, calls: () => calls };
    };

    it('gives up however slowly attempts fail', async () => {
      const { world, context, run } = open();
      const { action, calls } = slow(world, new Array(100).fill(30_000));
      await expect(run(retrying(context, action, policy))).rejects.toBe(passing);
      expect(calls()).toBe(5);
    });

    it('begins to count anew where an attempt had gone well for longer', async () => {
      const { world, context, run } = open();
      const { action, calls } = slow(world, [30_000, 3_000_000, 119_000, 1_000, 119_000]);
      await expect(run(retrying(context, action, policy))).rejects.toBe(passing);
      expect(calls()).toBe(4);
    });
  });

  it('passes on at once what trying again cannot help', async () => {
    const { context, run } = open();
    for (const error of [new AppError('internal', 'a fault of ours'), new TypeError('another one')]) {
      const { action, calls } = failing(1, error);
      await expect(run(retrying(context, action))).rejects.toBe(error);
      expect(calls()).toBe(1);
    }
  });

  it('tries nothing any more after an abort, which also ends its waiting', async () => {
    const { world, context, run } = open();
    const stopping = new AbortController();
    const { action, calls } = failing(100);
    let before = 0;
    void world.clock.sleep(30).then(() => {
      before = calls();
      stopping.abort();
    });
    await expect(run(retrying({ ...context, signal: stopping.signal }, action))).rejects.toBe(passing);
    await world.clock.advance(60_000);
    expect(before).toBeGreaterThan(0);
    expect(calls()).toBe(before);
  });
});
