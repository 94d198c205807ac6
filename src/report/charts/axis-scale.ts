import { fixed } from '../number-text.ts';

/** A linear axis from one tick to another. */
export interface AxisScale {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
}

export interface AxisOptions {
  /** How many intervals to aim for. */
  readonly intervals?: number;
  /** No ticks between whole numbers. */
  readonly whole?: boolean;
  /** The axis begins at zero at the latest, and goes below it only where the data does. */
  readonly fromZero?: boolean;
  /** The axis ends where the data does, and not at the tick beyond. */
  readonly tight?: boolean;
}

/** Relative, and absolute below 1: far below any error of a modulus in GPa, far above the rounding of a sum. */
const NEGLIGIBLE = 1e-9;

/** An axis that spans the finite ones of `values` with ticks at 1, 2 or 5 times a power of ten. */
export function axisScale(values: Iterable<number>, options: AxisOptions = {}): AxisScale {
  const { intervals = 5, whole = false, fromZero = false, tight = false } = options;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0, 1];
  if (fromZero) [low, high] = [Math.min(0, low), Math.max(0, high)];
  // One value, or differences that rounding makes: an axis around it.
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low <= NEGLIGIBLE * Math.max(size, 1)) {
    const margin = size > NEGLIGIBLE && !whole ? size / 10 : 1;
    [low, high] = [fromZero || size <= NEGLIGIBLE ? low : low - margin, high + margin];
  }
  const step = niceStep((high - low) / intervals, whole);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => {
    const value = Number(((first + i) * step).toPrecision(12));
    return { value, text: fixed(value, digits) };
  });
  if (!tight) return { from: ticks[0]!.value, to: ticks.at(-1)!.value, ticks };
  return { from: low, to: high, ticks: ticks.filter(({ value }) => value >= low && value <= high) };
}

function niceStep(rough: number, whole: boolean): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * (1 - 1e-9))!;
  return whole ? Math.max(1, step) : step;
}
