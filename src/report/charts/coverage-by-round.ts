import { dot, line, ruleY } from '@observablehq/plot';
import type { Target } from '../../model/target.ts';
import { targetWords } from '../../model/target-words.ts';
import type { Markup } from '../markup.ts';
import { fixed } from '../number-text.ts';
import type { ReportModel } from '../report-model.ts';
import { armLook } from './arm-look.ts';
import { box, linearAxis, span } from './axes.ts';
import { IDEAL } from './calibration-plot.ts';
import { chartFigure } from './chart-figure.ts';
import { dotKey, lineKey } from './legend.ts';

const PLOT_HEIGHT = 240;
const SHOWN_LEVELS = [0.68, 0.95];
const WAYS = [
  { way: 'conformal', words: 'calibrated', dash: 'none' },
  { way: 'raw', words: 'STDEV as it is', dash: '2 4' },
] as const;

interface CoveragePoint {
  readonly round: number;
  readonly added: number;
  readonly share: number;
}

/** By round, the share of the test set within its intervals; undefined where no round has measured it. */
export function coverageByRound(model: ReportModel, arm: number, target: Target): Markup | undefined {
  const { name: armName, rounds } = model.arms[arm]!;
  const { symbol, name } = targetWords(target);
  const { colour, symbol: mark } = armLook(model, arm);
  const series = WAYS.flatMap(({ way, words, dash }) =>
    SHOWN_LEVELS.map((level) => {
      const points = rounds.flatMap(({ round, added, uncertainty = [] }): CoveragePoint[] => {
        const test = uncertainty.find((one) => one.target === target && one.subset === 'test' && one.group === '');
        const covered = test?.coverage.find((one) => one.level === level)?.[way];
        return test && covered ? [{ round, added, share: covered.inside / test.count }] : [];
      });
      return {
        words: `${fixed(100 * level, 0)} %, ${words}`,
        points,
        stroke: { stroke: colour, strokeWidth: 2, strokeDasharray: dash },
      };
    }),
  ).filter(({ points }) => points.length > 0);
  if (series.length === 0) return undefined;
  const marks = { symbol: mark, stroke: colour, fill: 'var(--ground)', strokeWidth: 1.8, r: 3.5 };
  const added = series.flatMap(({ points }) => points.map((point) => point.added));
  const percent = (value: number) => `${fixed(100 * value, 1)} %`;
  const title = ({ round, share }: CoveragePoint) => `round ${round}: ${percent(share)}`;
  return chartFigure({
    id: `coverage-by-round-${target}-${arm + 1}`,
    title: `Coverage of the intervals of the ${name} by round, ${armName}`,
    description: series.map(({ words, points }) => `${words}: ${points.map(title).join(', ')}.`).join(' '),
    x: linearAxis('labels added', span([...added, 0, 1]), { tight: true, whole: true }),
    y: {
      ...linearAxis('coverage on the test set (%)', [0, 1], { tight: true }),
      tickFormat: (value: number) => fixed(100 * value, 0),
    },
    legend: WAYS.filter(({ words }) => series.some((one) => one.words.endsWith(words))).map(({ words, dash }) => ({
      label: words,
      key: [lineKey({ stroke: colour, strokeWidth: 2, strokeDasharray: dash }), dotKey(marks)],
    })),
    marks: [
      box(),
      ruleY(SHOWN_LEVELS, IDEAL),
      ...series.flatMap(({ points, stroke }) => [
        line(points, { x: 'added', y: 'share', ...stroke }),
        dot(points, { x: 'added', y: 'share', title, ...marks }),
      ]),
    ],
    plotHeight: PLOT_HEIGHT,
    caption: `${armName}: share of the test set whose ${symbol} lies within the intervals of 68 and 95 %, by round. Dotted: what should.`,
  });
}
