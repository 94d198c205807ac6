import { describe, expect, it } from 'vitest';
import { simulateSeed } from '../support/simulation/campaign/simulate-seed.ts';

/** `npm run simulate -- --seeds 1000` runs more seeds; `-- --seed N` prints the story of one. */
const FROM = 1;
const SEEDS = 50;

describe(`campaigns under faults, seeds ${FROM} to ${FROM + SEEDS - 1}`, () => {
  for (let seed = FROM; seed < FROM + SEEDS; seed++) {
    it(`keep all guarantees: seed ${seed}`, async () => {
      expect((await simulateSeed(seed)).broken).toEqual([]);
    });
  }

  it('are told the same way twice', async () => {
    const [first, second] = [await simulateSeed(FROM), await simulateSeed(FROM)];
    expect(second.rough.world.storyHash()).toBe(first.rough.world.storyHash());
  });
});
