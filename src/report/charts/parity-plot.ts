import { dot, line, type Markish, ruleX, text } from '@observablehq/plot';
import type { Target } from '../../model/label.ts';
import { html, type Markup } from '../markup.ts';
import { worstPoints } from '../model/worst-points.ts';
import { count, fixed } from '../number-text.ts';
import { metricsOf, type ParityPoint, type ReportModel } from '../report-model.ts';
import { SUBSET_WORDS, TARGET_WORDS } from '../target-words.ts';
import { armLook } from './arm-look.ts';
import { box, linearAxis, logAxis, type Span, span } from './axes.ts';
import { chartFigure, MARGIN, noChart, noModels, PLOT_WIDTH } from './chart-figure.ts';
import { placedLabels } from './label-places.ts';
import { dotKey, lineKey } from './legend.ts';
import { SETS, setLook } from './set-look.ts';

/** More error bars than these merge into a grey mass. */
const BARS_MAX = 500;
/** Up to here points have a name under the mouse; beyond they are smaller, and one stands for all in its place. */
const NAMED_MAX = 500;
const CROWDED_PX = 2;
/** Keeps the outermost points off the frame. */
const EDGE_MARGIN = 0.03;
/** From here on, highest over lowest, most points of linear axes lie in one corner. */
const WIDE_RANGE = 30;

type ScaleKind = 'linear' | 'log';

/** Predicted against calculated modulus of an arm's latest round; values of a wide range on logarithmic axes too. */
export function parityPlots(model: ReportModel, target: Target): Markup {
  const kinds: ScaleKind[] = isWide(model, target) ? ['linear', 'log'] : ['linear'];
  return html`${kinds.flatMap((kind) => model.arms.map((_, arm) => parityPlot(model, arm, target, kind)))}`;
}

function isWide({ arms }: ReportModel, target: Target): boolean {
  const values = arms.flatMap((arm) => known(arm.parity[target]).map(({ actual }) => actual)).filter((v) => v > 0);
  const [low, high] = span(values);
  return values.length > 0 && high / low >= WIDE_RANGE;
}

function parityPlot(model: ReportModel, arm: number, target: Target, kind: ScaleKind): Markup | undefined {
  const { symbol, name } = TARGET_WORDS[target];
  const { name: armName, parity, modelsMissing } = model.arms[arm]!;
  if (modelsMissing) return kind === 'linear' ? noModels(armName) : undefined;
  const all = known(parity[target]);
  const points = kind === 'log' ? all.filter(({ actual, mean }) => actual > 0 && mean > 0) : all;
  if (points.length === 0) {
    if (kind === 'log') return undefined;
    return noChart(`${armName}: no prediction of ${symbol} can be compared with a known value yet.`);
  }
  const domain = commonDomain(model, target, kind);
  const axis = (label: string) =>
    kind === 'log' ? logAxis(label, domain) : linearAxis(label, domain, { tight: true });
  const plotHeight = PLOT_WIDTH - MARGIN.left - MARGIN.right;
  const every = Math.ceil(points.length / BARS_MAX);
  const shown = SETS.filter((set) => points.some((point) => point.set === set));
  const measured = shown.map((set) => figures(model, arm, target, set, points));
  const looks = setLook(armLook(model, arm));
  return chartFigure({
    id: `parity-${target}-${arm + 1}${kind === 'log' ? '-log' : ''}`,
    title: `Predicted against calculated ${name}, ${armName}, ${AXES[kind]}`,
    description: `${measured.join('. ')}.`,
    // The test set's may be DFT results although acquired labels are simulated.
    x: axis(
      `${symbol} ${model.simulated ? 'by its label, partly simulated' : 'calculated'} (GPa${kind === 'log' ? ', log' : ''})`,
    ),
    y: axis(`${symbol} predicted (GPa${kind === 'log' ? ', log' : ''})`),
    legend: [
      ...shown.map((set) => ({ label: SUBSET_WORDS[set], key: [dotKey({ ...looks[set], r: 4 })] })),
      { label: 'perfect', key: [lineKey(IDEAL)] },
    ],
    marks: [
      box(),
      line([domain.map((end) => [end, end])].flat(), IDEAL),
      ...shown.map((set) => errorBars(points, every, domain, { set, stroke: looks[set].fill })),
      ...shown.map((set) => dots(points, domain, kind, { set, look: looks[set] })),
      ...worstNamed(points, domain, kind),
      ...measured.map((words, i) => note(words, i)),
    ],
    plotHeight,
    caption: html`${armName}: ${symbol} of the latest round, ${AXES[kind]}. Bars: \u00b1 STDEV over the members\
${every === 1 ? '' : `, drawn for one in ${every} of the ${count(points.length)} points`}. Named: the largest errors\
${points.length === all.length ? '' : `. Not drawn: ${count(all.length - points.length)} whose value or prediction is not positive`}.`,
  });
}

const AXES: Readonly<Record<ScaleKind, string>> = { linear: 'linear axes', log: 'logarithmic axes' };
const IDEAL = { stroke: 'var(--soft)', strokeWidth: 1.2, strokeDasharray: '5 4' };
const HALO = { stroke: 'var(--ground)', strokeWidth: 4, fill: 'var(--ink)' };

function known(points: readonly ParityPoint[] = []): readonly ParityPoint[] {
  return points.filter(({ actual, mean }) => Number.isFinite(actual) && Number.isFinite(mean));
}

/** One for both axes and for all arms, so that charts side by side can be compared. */
function commonDomain({ arms }: ReportModel, target: Target, kind: ScaleKind): Span {
  const values = arms.flatMap((arm) => known(arm.parity[target]).flatMap(({ actual, mean }) => [actual, mean]));
  if (kind === 'log') {
    const [low, high] = span(values.filter((value) => value > 0));
    const factor = (high / low) ** EDGE_MARGIN;
    return [low / factor, high * factor];
  }
  const [low, high] = span(values, { fromZero: true });
  const margin = EDGE_MARGIN * (high - low);
  return [low < 0 ? low - margin : low, high + margin];
}

function figures(
  model: ReportModel,
  arm: number,
  target: Target,
  set: ParityPoint['set'],
  points: readonly ParityPoint[],
) {
  const round = model.arms[arm]!.rounds.at(-1);
  const row = round === undefined ? undefined : metricsOf(round, target, set);
  const errors = row === undefined ? '' : `MAE ${fixed(row.mae, 2)} GPa, R\u00b2 ${fixed(row.r2, 3)}, `;
  return `${SUBSET_WORDS[set]}: ${errors}n = ${count(row?.count ?? points.filter((point) => point.set === set).length)}`;
}

/** In the corner where a sensible model has no points. */
function note(words: string, i: number): Markish {
  const place = { frameAnchor: 'top-left', dx: 12, dy: 18 + 18 * i, textAnchor: 'start' } as const;
  return text([words], { ...place, ...HALO });
}

interface SetMarks {
  readonly set: ParityPoint['set'];
}

function errorBars(
  points: readonly ParityPoint[],
  every: number,
  [from, to]: Span,
  { set, stroke }: SetMarks & { stroke: string },
) {
  const within = (value: number) => Math.min(to, Math.max(from, value));
  const bars = points
    .filter((point, i) => i % every === 0 && point.set === set && Number.isFinite(point.standardDeviation))
    .map(({ actual, mean, standardDeviation }) => {
      return { actual, low: within(mean - standardDeviation), high: within(mean + standardDeviation) };
    });
  return ruleX(bars, { x: 'actual', y1: 'low', y2: 'high', stroke, strokeOpacity: 0.5 });
}

function dots(
  points: readonly ParityPoint[],
  domain: Span,
  kind: ScaleKind,
  { set, look }: SetMarks & { look: ReturnType<typeof setLook>['test'] },
) {
  const own = points.filter((point) => point.set === set);
  const axes = { x: 'actual', y: 'mean', ...look } as const;
  if (points.length <= NAMED_MAX) return dot(own, { ...axes, r: 3, title: pointName });
  const at = pixels(domain, kind);
  const places = new Map(own.map((point) => [placeOf(at(point.actual), at(point.mean)), point]));
  // At this size a square looks like a circle, and takes twice its bytes.
  return dot([...places.values()], { ...axes, symbol: 'circle', r: 1.8 });
}

/** A point that falls on another's place adds bytes and nothing to see. */
function placeOf(x: number, y: number): string {
  return `${Math.round(x / CROWDED_PX)} ${Math.round(y / CROWDED_PX)}`;
}

/** From the lower or left edge of the frame. */
function pixels([from, to]: Span, kind: ScaleKind): (value: number) => number {
  const size = PLOT_WIDTH - MARGIN.left - MARGIN.right;
  const along = kind === 'log' ? Math.log : (value: number) => value;
  return (value) => (size * (along(value) - along(from))) / (along(to) - along(from));
}

function worstNamed(points: readonly ParityPoint[], domain: Span, kind: ScaleKind): Markish[] {
  const at = pixels(domain, kind);
  const size = PLOT_WIDTH - MARGIN.left - MARGIN.right;
  const worst = worstPoints(points);
  const labels = worst.map((point) => ({
    words: point.formula ?? point.materialId,
    x: at(point.actual),
    y: size - at(point.mean),
  }));
  const axes = { x: 'actual', y: 'mean' } as const;
  return [
    dot(worst, { ...axes, r: 6, stroke: 'var(--ink)', strokeWidth: 1.2 }),
    ...placedLabels(labels, size).map(({ words, dx, dy, textAnchor }, i) => {
      return text([worst[i]!], { ...axes, text: () => words, dx, dy, textAnchor, fontSize: 11, ...HALO });
    }),
  ];
}

function pointName({ materialId, formula, actual, mean, standardDeviation }: ParityPoint): string {
  const what = formula === undefined ? materialId : `${formula} (${materialId})`;
  return `${what}: calculated ${fixed(actual, 1)}, predicted ${fixed(mean, 1)} \u00b1 ${fixed(standardDeviation, 1)} GPa`;
}
