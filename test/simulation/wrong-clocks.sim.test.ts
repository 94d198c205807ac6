import { describe, expect, it } from 'vitest';
import { drawPlan, nodeNames } from '../support/simulation/campaign/campaign-plan.ts';
import { runCalm, runRough } from '../support/simulation/campaign/campaign-run.ts';
import { brokenGuarantees } from '../support/simulation/campaign/guarantee-checks.ts';
import type { WallClock } from '../support/simulation/wall-clock.ts';

const SEEDS = [1, 2, 3, 4, 5, 6];
const HOUR_MS = 3_600_000;
const EVERY_MS = 20_000;

/** Set by about a day, forward and back, again and again: the difference of two readings is never the time between. */
const restless = (skewMs: number): WallClock => ({
  skewMs,
  jumps: Array.from({ length: 200 }, (_, i) => ({ atMs: i * EVERY_MS, byMs: (i % 2 === 0 ? 24 : -23) * HOUR_MS })),
});

/** These clocks replace those that every seed's plan draws. */
describe('campaigns on nodes whose clocks are set all the time and never agree', () => {
  it.each(SEEDS)('come out as with clocks that are right: seed %i', async (seed) => {
    const drawn = drawPlan(seed);
    const names = nodeNames(drawn.layout, drawn.nodes);
    const wallClocks = Object.fromEntries(names.map((name, i) => [name, restless((i - 1) * 7 * HOUR_MS)]));
    // Calculations take long, so that clocks are set meanwhile.
    const plan = { ...drawn, wallClocks, calculations: { ...drawn.calculations, msMax: 10 * 60_000 } };
    expect(brokenGuarantees(await runRough(plan), await runCalm(plan))).toEqual([]);
  });
});
