import type { Markish, ScaleOptions } from '@observablehq/plot';
import type { Target } from '../../model/target.ts';
import { targetWords } from '../../model/target-words.ts';
import type { ParityPoint, ReportModel } from '../report-model.ts';
import { linearAxis, logAxes, type Span, span } from './axes.ts';
import { MARGIN, PLOT_WIDTH } from './chart-figure.ts';

/** One for both axes and for all arms, so that charts side by side can be compared. */
export interface ParityScale {
  readonly kind: 'linear' | 'log';
  readonly words: string;
  readonly x: ScaleOptions;
  readonly y: ScaleOptions;
  /** Ticks and grid, where the scales do not bring their own. */
  readonly axes: readonly Markish[];
  readonly domain: Span;
  shows(point: ParityPoint): boolean;
  /** Pixels from the lower or left edge of the frame. */
  at(value: number): number;
}

/** Of the frame, which is a square. */
export const PARITY_PX = PLOT_WIDTH - MARGIN.left - MARGIN.right;
/** Keeps the outermost points off the frame. */
const EDGE_MARGIN = 0.03;
/** From here on, highest over lowest, most points of linear axes lie in one corner. */
const WIDE_RANGE = 30;
/** One value near zero would press all others into the opposite corner. */
const LOG_RANGE_MAX = 1e4;

/** Linear axes, and logarithmic ones too where the known values span a wide range. */
export function parityScales(model: ReportModel, target: Target): ParityScale[] {
  const { symbol } = targetWords(target);
  // The test set's may be DFT results although acquired labels are simulated.
  const x = `${symbol} ${model.simulated ? 'by its label, partly simulated' : 'calculated'} (GPa`;
  const y = `${symbol} predicted (GPa`;
  const points = model.arms.flatMap((arm) => knownPoints(arm.parity[target]));
  const values = points.flatMap(({ actual, mean }) => [actual, mean]);
  const actual = span(points.map((point) => point.actual).filter((value) => value > 0));
  const isWide = actual[0] > 0 && actual[1] / actual[0] >= WIDE_RANGE;
  return [linearScale(`${x})`, `${y})`, values), ...(isWide ? [logScale(`${x}, log)`, `${y}, log)`, values)] : [])];
}

/** Those that can be compared. */
export function knownPoints(points: readonly ParityPoint[] = []): readonly ParityPoint[] {
  return points.filter(({ actual, mean }) => Number.isFinite(actual) && Number.isFinite(mean));
}

function linearScale(x: string, y: string, values: readonly number[]): ParityScale {
  const [low, high] = span(values, { fromZero: true });
  const margin = EDGE_MARGIN * (high - low);
  const domain: Span = [low < 0 ? low - margin : low, high + margin];
  const axis = (label: string) => linearAxis(label, domain, { tight: true });
  return {
    ...{ kind: 'linear', words: 'linear axes', x: axis(x), y: axis(y), axes: [], domain },
    shows: () => true,
    at: (value) => (PARITY_PX * (value - domain[0])) / (domain[1] - domain[0]),
  };
}

function logScale(x: string, y: string, values: readonly number[]): ParityScale {
  const [, high] = span(values);
  const least = high / LOG_RANGE_MAX;
  const [low] = span(values.filter((value) => value >= least));
  const factor = (high / low) ** EDGE_MARGIN;
  const domain: Span = [low / factor, high * factor];
  const { scale, marks } = logAxes(x, y, domain);
  return {
    ...{ kind: 'log', words: 'logarithmic axes', x: scale, y: scale, axes: marks, domain },
    shows: ({ actual, mean }) => actual >= least && mean >= least,
    at: (value) => (PARITY_PX * Math.log(value / domain[0])) / Math.log(domain[1] / domain[0]),
  };
}
