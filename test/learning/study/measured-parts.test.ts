import { describe, expect, it } from 'vitest';
import type { SubsetMetrics } from '../../../src/learning/campaign/campaign-events.ts';
import type { FrozenData } from '../../../src/learning/data/campaign-data.ts';
import type { PredictedRow } from '../../../src/learning/ensemble/predicted-rows.ts';
import { candidateRows, databaseRows, loopRows } from '../../../src/learning/study/measured-parts.ts';
import type { LoopRound } from '../../../src/learning/study/study-results.ts';
import type { MaterialFacts } from '../../../src/model/material-facts.ts';

const facts = (elements: readonly number[]) => ({ elements }) as unknown as MaterialFacts;

it('tells what the filters leave of the database', () => {
  const frozen = { labelled: 5, kept: 4, dropped: { data: { inert_gas: 1 }, candidates: {} } } as unknown as FrozenData;
  const materials = [
    { facts: facts([11]), values: { g_vrh: 50, k_vrh: 250 } },
    { facts: facts([8]), values: { g_vrh: 150, k_vrh: 100 } },
  ];
  const rows = databaseRows(frozen, materials, 'Na').map(({ label, target, ours }) => [label, target, ours.mean]);
  expect(rows).toEqual([
    ['with a label', undefined, 5],
    ['left out: inert_gas', undefined, 1],
    ['left', undefined, 4],
    ['with Na', undefined, 1],
    ['share from 0 to 100 GPa', 'g_vrh', 50],
    ['share from 0 to 200 GPa', 'k_vrh', 50],
  ]);
});

it('counts certain and stiff candidates', () => {
  const metrics = [{ target: 'g_vrh', subset: 'candidates', rows: 3, memberMae: 8, maeStandardDeviation: 1, mae: 7 }];
  const predicted = [
    { mean: [95], standardDeviation: [6] },
    { mean: [91], standardDeviation: [6.1] },
    { mean: [20], standardDeviation: [2] },
  ] as unknown as PredictedRow[];
  const campaign = { name: 'paper-candidates', label: 'before', document: {} };
  const values = Array.from({ length: 100 }, (_, i) => i + 1);
  const rows = candidateRows(campaign, metrics as unknown as SubsetMetrics[], predicted, {
    database: { g_vrh: values, k_vrh: [] },
    rankOf: () => 0,
  });
  expect(rows.map(({ quantity, ours }) => [quantity, ours.mean])).toEqual([
    ['MAE', 8],
    ['STDEV up to 6 GPa', expect.closeTo(200 / 3, 12)],
    // The largest tenth of 1 to 100 begins at 91.
    ['in the top 10 % of the database (from 91 GPa)', 2],
  ]);
});

describe('a loop', () => {
  const round = (added: number, mean: number, count = 9): LoopRound => ({
    ...{ campaign: 'paper-random', round: 1 + added, added, target: 'g_vrh', subset: 'candidates', count },
    ...{ mae: { mean }, r2: { mean: 0 }, ensembleMae: mean - 1 },
  });
  const campaign = { name: 'paper-random', label: 'random', document: {} };

  it('is told at its beginning, its end and evenly in between', () => {
    const rounds = [0, 100, 200, 300, 400, 500, 600, 700, 800].map((added) => round(added, 10 - added / 100));
    const rows = loopRows('loop', campaign, rounds);
    expect(rows.map(({ label }) => label)).toEqual([0, 200, 400, 600, 800].map((added) => `random: ${added} added`));
  });

  it("stands beside the paper's number where it has one, and says nothing of an empty pool", () => {
    const rows = loopRows('loop', campaign, [round(0, 9), round(2_000, 5), round(2_400, Number.NaN, 0)]);
    expect(rows.map(({ paper }) => paper?.mean)).toEqual([undefined, 5.27]);
  });
});
