import { expect, it } from 'vitest';
import type { UncertaintyMetrics } from '../../src/learning/acquisition/uncertainty-metrics.ts';
import { renderReport } from '../../src/report/render-report.ts';
import { comparisonModel } from '../support/report-models.ts';

const large = comparisonModel({ rounds: 3, points: 60 });

const covered = (inside: number) => ({ inside, width: 12 });

function figures(subset: UncertaintyMetrics['subset'], conformal: number): UncertaintyMetrics {
  return {
    ...{ target: 'g_vrh', subset, group: '', count: 200, rankCorrelation: 0.4 },
    ...{ meanSquaredZ: 11, meanSquaredZInterval: { low: 9, high: 13 } },
    coverage: [0.68, 0.95].map((level) => ({ level, raw: covered(60), conformal: covered(conformal) })),
  };
}

it('the report shows how the coverage of intervals goes from round to round, beside the raw one', () => {
  const [arm, ...others] = large.arms;
  const rounds = arm!.rounds.map((round) => ({
    ...round,
    uncertainty: [figures('test', 190), figures('reserve', 186)],
  }));
  const page = renderReport({ ...large, arms: [{ ...arm!, rounds }, ...others] });
  expect(page).toContain('Coverage of the intervals of the shear modulus G by round');
  expect(page).toContain('round 1: 95.0 %');
  expect(page).toContain('reserve, cross-fitted');
  expect(renderReport(large)).not.toContain('by round, exploration');
});
