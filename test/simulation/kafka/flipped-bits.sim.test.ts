import { describe, expect, it } from 'vitest';
import { drawPlan } from '../../support/simulation/campaign/campaign-plan.ts';
import { runCalm, runRough } from '../../support/simulation/campaign/campaign-run.ts';
import { foundDamage, withFlippedBit } from '../../support/simulation/campaign/flipped-bits.ts';
import { brokenGuarantees } from '../../support/simulation/campaign/guarantee-checks.ts';
import { withKafka } from '../../support/simulation/campaign/kafka-plan.ts';

const SEEDS = [1, 2, 3, 8];
const found = new Map<number, number>();

/** Guarantee 7. If a node used the changed value, the outcome would differ from the run without the flip. */
describe('campaigns over a log of which a bit changes on a disk', () => {
  it.each(SEEDS)('stop where they read it, say where, and go on behind a sound copy: seed %i', async (seed) => {
    const plan = withFlippedBit(withKafka(drawPlan(seed)));
    const rough = await runRough(plan);
    expect(brokenGuarantees(rough, await runCalm(plan))).toEqual([]);
    expect(rough.damaged).toHaveLength(1);
    found.set(seed, foundDamage(rough));
  });

  it('meet it in most runs', () => {
    expect([...found.values()].filter((times) => times > 0).length).toBeGreaterThan(SEEDS.length / 2);
  });
});
