import { describe, expect, it } from 'vitest';
import { drawPlan } from '../../support/simulation/campaign/campaign-plan.ts';
import { runCalm, runRough } from '../../support/simulation/campaign/campaign-run.ts';
import { brokenGuarantees } from '../../support/simulation/campaign/guarantee-checks.ts';
import { withKafka } from '../../support/simulation/campaign/kafka-plan.ts';
import type { Stage } from '../../support/simulation/campaign/stage.ts';
import { withoutNewerFields, withTwoVersions } from '../../support/simulation/campaign/two-versions.ts';

const SEEDS = [2, 5];
const runs: Stage[] = [];

/** Guarantees 1, 4 and 8 while nodes are upgraded one after the other. */
describe('two campaigns on nodes of two versions', () => {
  it.each(SEEDS)('come out as on nodes of one: seed %i', async (seed) => {
    const plan = withTwoVersions(withKafka(drawPlan(seed)));
    const rough = await runRough(plan);
    const content = withoutNewerFields(rough.world.logContent());
    const seen = { ...rough, world: { ...rough.world, logContent: () => content } };
    expect(brokenGuarantees(seen, await runCalm(plan))).toEqual([]);
    runs.push(rough);
  });

  it('stand still on older nodes where they hold a newer event, the others go on', () => {
    expect(runs.some(({ older }) => older.parked.size > 0)).toBe(true);
    expect(runs.some(({ older }) => older.wentOn)).toBe(true);
  });
});
