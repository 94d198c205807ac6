import { axisX, axisY, frame, gridX, gridY, type Markish, type ScaleOptions } from '@observablehq/plot';
import { count } from '../number-text.ts';

/** Relative, and absolute below 1: far below any error of a modulus in GPa, far above the rounding of a sum. */
const NEGLIGIBLE = 1e-9;
const TICKS = 6;

export type Span = readonly [from: number, to: number];

/** What an axis spans: the finite ones of `values`, with room around one value alone. */
export function span(values: Iterable<number>, { fromZero = false } = {}): Span {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0, 1];
  if (fromZero) [low, high] = [Math.min(0, low), Math.max(0, high)];
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > NEGLIGIBLE * Math.max(size, 1)) return [low, high];
  const margin = size > NEGLIGIBLE ? size / 10 : 1;
  return [fromZero ? low : low - margin, high + margin];
}

/** An axis with its name in the middle; it ends at ticks, or with `tight` where its span does. */
export function linearAxis(label: string, domain: Span, { tight = false, whole = false } = {}): ScaleOptions {
  const ticks = whole ? Math.max(1, Math.min(TICKS, Math.floor(domain[1] - domain[0]))) : TICKS;
  return { ...named(label), grid: true, type: 'linear', domain: [...domain], nice: tight ? false : ticks, ticks };
}

/**
 * Two axes of factors with the same span: ticks at 1, 2 and 5 times a power of ten, or at the powers alone where those
 * were too many. As marks, because the scale itself would leave out labels.
 */
export function logAxes(x: string, y: string, [from, to]: Span): { scale: ScaleOptions; marks: Markish[] } {
  const powers = Array.from({ length: 40 }, (_, i) => 10 ** (i - 20));
  const within = (tick: number) => tick >= from && tick <= to;
  const fine = powers.flatMap((power) => [power, 2 * power, 5 * power]).filter(within);
  const ticks = fine.length > 2 * TICKS ? powers.filter(within) : fine;
  const text = { text: logText };
  return {
    scale: { type: 'log', domain: [from, to], axis: null },
    marks: [
      gridX(ticks),
      gridY(ticks),
      axisX(ticks, { ...named(x), ...text, anchor: 'bottom' }),
      axisY(ticks, { ...named(y), ...text, anchor: 'left' }),
    ],
  };
}

function logText(value: number): string {
  return value >= 1 ? count(value) : String(Number(value.toPrecision(1)));
}

function named(label: string) {
  return { label, labelAnchor: 'center', labelArrow: 'none' } as const;
}

/** The box around the plot. */
export function box(): Markish {
  return frame({ stroke: 'var(--soft)' });
}
