import { line, type Markish, text } from '@observablehq/plot';
import type { Target } from '../../model/target.ts';
import { targetWords } from '../../model/target-words.ts';
import { html, type Markup } from '../markup.ts';
import { count, fixed } from '../number-text.ts';
import { metricsOf, type ParityPoint, type ReportModel } from '../report-model.ts';
import { SUBSET_WORDS } from '../target-words.ts';
import { armLook } from './arm-look.ts';
import { box } from './axes.ts';
import { chartFigure, noChart, noModels } from './chart-figure.ts';
import { dotKey, lineKey } from './legend.ts';
import { dots, errorBars, HALO, worstNamed } from './parity-marks.ts';
import { knownPoints, PARITY_PX, type ParityScale, parityScales } from './parity-scale.ts';
import { SETS, setLook } from './set-look.ts';

/** More error bars than these merge into a grey mass. */
const BARS_MAX = 500;
const IDEAL = { stroke: 'var(--soft)', strokeWidth: 1.2, strokeDasharray: '5 4' };

/** Predicted against calculated modulus of the arms' latest rounds, on all axes that suit the values. */
export function parityPlots(model: ReportModel, target: Target): Markup {
  const scales = parityScales(model, target);
  return html`${scales.flatMap((scale) => model.arms.map((_, arm) => parityPlot(model, arm, target, scale)))}`;
}

function parityPlot(model: ReportModel, arm: number, target: Target, scale: ParityScale): Markup | undefined {
  const { symbol, name } = targetWords(target);
  const { name: armName, parity, modelsMissing } = model.arms[arm]!;
  const { kind, words } = scale;
  const known = knownPoints(parity[target]);
  const points = known.filter(scale.shows);
  if (points.length === 0) {
    if (kind === 'log') return undefined;
    if (modelsMissing) return noModels(armName);
    return noChart(`${armName}: no prediction of ${symbol} can be compared with a known value yet.`);
  }
  const every = Math.ceil(points.length / BARS_MAX);
  const sets = SETS.map((set) => ({ set, own: points.filter((point) => point.set === set) })).filter(
    ({ own }) => own.length > 0,
  );
  const looks = setLook(armLook(model, arm));
  const measured = sets.map(({ set, own }) => figures(model, arm, target, set, own.length));
  const barred = points.filter((_, i) => i % every === 0);
  return chartFigure({
    id: `parity-${target}-${arm + 1}${kind === 'log' ? '-log' : ''}`,
    title: `Predicted against calculated ${name}, ${armName}, ${words}`,
    description: `${measured.join('. ')}.`,
    x: scale.x,
    y: scale.y,
    legend: [
      ...sets.map(({ set }) => ({ label: SUBSET_WORDS[set], key: [dotKey({ ...looks[set], r: 4 })] })),
      { label: 'perfect', key: [lineKey(IDEAL)] },
    ],
    marks: [
      box(),
      ...scale.axes,
      line(
        scale.domain.map((end) => [end, end]),
        IDEAL,
      ),
      ...sets.map(({ set }) =>
        errorBars(
          barred.filter((point) => point.set === set),
          scale,
          looks[set],
        ),
      ),
      ...sets.map(({ set, own }) => dots(own, scale, looks[set], points.length)),
      ...worstNamed(points, scale),
      ...measured.map(note),
    ],
    plotHeight: PARITY_PX,
    caption:
      `${armName}: ${symbol} of the latest round, ${words}. Bars: \u00b1 STDEV over the members` +
      `${every === 1 ? '' : `, drawn for one in ${every} of the ${count(points.length)} points`}. Named: the largest errors.` +
      `${points.length === known.length ? '' : ` Not drawn: ${count(known.length - points.length)}, too near zero or below.`}`,
  });
}

function figures(model: ReportModel, arm: number, target: Target, set: ParityPoint['set'], n: number): string {
  const round = model.arms[arm]!.rounds.at(-1);
  const row = round === undefined ? undefined : metricsOf(round, target, set);
  const errors = row === undefined ? '' : `MAE ${fixed(row.mae, 2)} GPa, R\u00b2 ${fixed(row.r2, 3)}, `;
  return `${SUBSET_WORDS[set]}: ${errors}n = ${count(row?.count ?? n)}`;
}

/** In the corner where a sensible model has no points. */
function note(words: string, i: number): Markish {
  const place = { frameAnchor: 'top-left', dx: 12, dy: 18 + 18 * i, textAnchor: 'start' } as const;
  return text([words], { ...place, ...HALO });
}
