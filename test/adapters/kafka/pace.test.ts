import { describe, expect, it } from 'vitest';
import { createPace } from '../../../src/adapters/kafka/pace.ts';
import type { Timing } from '../../../src/adapters/kafka/timing.ts';

/** How long is rested after exchanges that carried so many. */
async function restsAfter(...carried: readonly number[]): Promise<readonly number[]> {
  let rested = 0;
  const timing: Timing = {
    now: () => 0,
    async sleep(ms) {
      rested += ms;
    },
  };
  const pace = createPace(20, timing);
  const rests: number[] = [];
  for (const count of carried) {
    const before = rested;
    await pace.rest(count);
    rests.push(rested - before);
  }
  return rests;
}

describe('the pace of exchanges', () => {
  it('does not hold up what comes alone, however long', async () => {
    expect(await restsAfter(...Array<number>(100).fill(1))).toEqual(Array(100).fill(0));
    expect(await restsAfter(0, 2, 2, 0)).toEqual([0, 0, 0, 0]);
  });

  it('rests the longer the longer it flows, up to a bound', async () => {
    expect(await restsAfter(3, 10, 500, 3, 3, 3, 3)).toEqual([1, 3, 7, 15, 20, 20, 20]);
  });

  it('rests less and less when it has flown', async () => {
    expect(await restsAfter(9, 9, 9, 9, 9, 1, 0, 1, 1, 1)).toEqual([1, 3, 7, 15, 20, 10, 5, 2, 1, 0]);
  });
});
