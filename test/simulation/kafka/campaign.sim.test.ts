import { describe, expect, it } from 'vitest';
import { simulateSeed } from '../../support/simulation/campaign/simulate-seed.ts';

/** `npm run simulate -- --log kafka --seeds 1000` runs more seeds. */
const FROM = 1;
const SEEDS = 12;

describe(`campaigns over Kafka's adapter and simulated brokers, seeds ${FROM} to ${FROM + SEEDS - 1}`, () => {
  for (let seed = FROM; seed < FROM + SEEDS; seed++) {
    it(`keep all guarantees: seed ${seed}`, async () => {
      expect((await simulateSeed(seed, 'kafka')).broken).toEqual([]);
    });
  }

  it('are told the same way twice', async () => {
    const [first, second] = [await simulateSeed(FROM, 'kafka'), await simulateSeed(FROM, 'kafka')];
    expect(second.rough.world.storyHash()).toBe(first.rough.world.storyHash());
  });
});
