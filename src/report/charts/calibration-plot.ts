import { dot, line } from '@observablehq/plot';
import type { Target } from '../../model/target.ts';
import { targetWords } from '../../model/target-words.ts';
import type { Markup } from '../markup.ts';
import { type Coverage, coverage, ERROR_PER_STDEV, type ErrorBin, errorBins } from '../model/calibration.ts';
import { fixed, plural } from '../number-text.ts';
import type { ReportModel } from '../report-model.ts';
import { SUBSET_WORDS } from '../target-words.ts';
import { armLook, DASHED } from './arm-look.ts';
import { box, linearAxis, span } from './axes.ts';
import { chartFigure, noChart, noModels } from './chart-figure.ts';
import { dotKey, lineKey } from './legend.ts';
import { SETS, setLook } from './set-look.ts';

const PLOT_HEIGHT = 240;
export const IDEAL = { stroke: 'var(--soft)', strokeWidth: 1.2, strokeDasharray: '2 3' };
const DASHES = { candidates: DASHED, test: 'none' } as const;

/** How large the errors are where the members disagree more or less. */
export function errorByStdev(model: ReportModel, arm: number, target: Target): Markup {
  const { symbol, name } = targetWords(target);
  const series = seriesOf(model, arm, target, errorBins);
  const { name: armName, modelsMissing } = model.arms[arm]!;
  if (modelsMissing) return noModels(armName);
  if (series.length === 0) return noChart(`${armName}: no error of ${symbol} can be compared with its STDEV yet.`);
  const bins = series.flatMap(({ values }) => values);
  const [, stdevMax] = span(
    bins.map(({ stdev }) => stdev),
    { fromZero: true },
  );
  const title = ({ count, stdev, error }: ErrorBin) =>
    `${plural(count, 'material')}: STDEV ${fixed(stdev, 2)}, mean |error| ${fixed(error, 2)} GPa`;
  return chartFigure({
    id: `calibration-${target}-${arm + 1}`,
    title: `Error of the predicted ${name} against its STDEV, ${armName}`,
    description: series.map(({ words, values }) => `${words}: ${slopeInWords(values)}.`).join(' '),
    x: linearAxis(`STDEV of ${symbol} (GPa)`, [0, 1.03 * stdevMax], { tight: true }),
    y: linearAxis(
      `mean |error| of ${symbol} (GPa)`,
      span([...bins.map(({ error }) => error), ERROR_PER_STDEV * stdevMax], { fromZero: true }),
    ),
    legend: [
      ...series.map(({ words, key }) => ({ label: words, key })),
      { label: 'calibrated', key: [lineKey(IDEAL)] },
    ],
    marks: [
      box(),
      line(
        [
          [0, 0],
          [stdevMax, ERROR_PER_STDEV * stdevMax],
        ],
        IDEAL,
      ),
      ...series.flatMap(({ values, stroke, mark }) => [
        line(values, { x: 'stdev', y: 'error', ...stroke }),
        dot(values, { x: 'stdev', y: 'error', title, ...mark }),
      ]),
    ],
    plotHeight: PLOT_HEIGHT,
    caption:
      `${armName}: mean |error| of ${symbol} in bins of about the same STDEV over the members. Dotted: 0.80 STDEV, the ` +
      'mean |error| of a normal distribution with that STDEV; above it the STDEV is too small.',
  });
}

/** The share of known values within mean +- z STDEV, beside the share that should be. */
export function coveragePlot(model: ReportModel, arm: number, target: Target): Markup {
  const { symbol, name } = targetWords(target);
  const series = seriesOf(model, arm, target, coverage);
  const { name: armName, modelsMissing } = model.arms[arm]!;
  if (modelsMissing) return noModels(armName);
  if (series.length === 0)
    return noChart(`${armName}: no interval of ${symbol} can be compared with a known value yet.`);
  const share = (value: number) => `${fixed(100 * value, 0)} %`;
  const percent = (label: string) => ({
    ...linearAxis(label, [0, 1], { tight: true }),
    tickFormat: (value: number) => fixed(100 * value, 0),
  });
  const title = ({ nominal, observed }: Coverage) => `${share(observed)} where ${share(nominal)} should be`;
  return chartFigure({
    id: `coverage-${target}-${arm + 1}`,
    title: `Coverage of the intervals of the ${name}, ${armName}`,
    description: series.map(({ words, values }) => `${words}: ${values.map(title).join(', ')}.`).join(' '),
    x: percent('nominal coverage (%)'),
    y: percent('observed coverage (%)'),
    legend: [
      ...series.map(({ words, key }) => ({ label: words, key })),
      { label: 'calibrated', key: [lineKey(IDEAL)] },
    ],
    marks: [
      box(),
      line(
        [
          [0, 0],
          [1, 1],
        ],
        IDEAL,
      ),
      ...series.flatMap(({ values, stroke, mark }) => [
        line(values, { x: 'nominal', y: 'observed', ...stroke }),
        dot(values, { x: 'nominal', y: 'observed', title, ...mark }),
      ]),
    ],
    plotHeight: PLOT_HEIGHT,
    caption: `${armName}: share of the known ${symbol} within mean \u00b1 z STDEV, for intervals that should hold 50, 68, 90 and 95 %. Below the dotted line the STDEV is too small.`,
  });
}

/** By set, the sets without any values left out. */
function seriesOf<T>(
  model: ReportModel,
  arm: number,
  target: Target,
  of: (points: NonNullable<ReportModel['arms'][number]['parity'][Target]>) => readonly T[],
) {
  const looks = setLook(armLook(model, arm));
  return SETS.flatMap((set) => {
    const values = of((model.arms[arm]!.parity[target] ?? []).filter((point) => point.set === set));
    if (values.length === 0) return [];
    const { fill: colour, symbol } = looks[set];
    const stroke = { stroke: colour, strokeWidth: 2, strokeDasharray: DASHES[set] };
    const mark = { symbol, stroke: colour, fill: 'var(--ground)', strokeWidth: 1.8, r: 4 };
    return [{ words: SUBSET_WORDS[set], values, stroke, mark, key: [lineKey(stroke), dotKey(mark)] }];
  });
}

function slopeInWords(bins: readonly ErrorBin[]): string {
  const [first, last] = [bins[0]!, bins.at(-1)!];
  const at = ({ stdev, error }: ErrorBin) => `mean |error| ${fixed(error, 2)} at STDEV ${fixed(stdev, 2)} GPa`;
  return first === last ? at(first) : `${at(first)}, ${at(last)}`;
}
