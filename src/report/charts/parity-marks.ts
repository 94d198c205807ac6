import { dot, type Markish, ruleX, text } from '@observablehq/plot';
import { worstPoints } from '../model/worst-points.ts';
import { fixed } from '../number-text.ts';
import type { ParityPoint } from '../report-model.ts';
import { placedLabels } from './label-places.ts';
import { PARITY_PX, type ParityScale } from './parity-scale.ts';
import type { SetLook } from './set-look.ts';

/** Up to here points have a name under the mouse; beyond they are smaller, and one stands for all in its place. */
const NAMED_MAX = 500;
const CROWDED_PX = 2;
const AXES = { x: 'actual', y: 'mean' } as const;
export const HALO = { stroke: 'var(--ground)', strokeWidth: 4, fill: 'var(--ink)' };

/** +-STDEV, as far as the frame goes. */
export function errorBars(
  points: readonly ParityPoint[],
  { domain: [from, to] }: ParityScale,
  { fill }: SetLook,
): Markish {
  const within = (value: number) => Math.min(to, Math.max(from, value));
  const bars = points
    .filter(({ standardDeviation }) => Number.isFinite(standardDeviation))
    .map(({ actual, mean, standardDeviation }) => {
      return { actual, low: within(mean - standardDeviation), high: within(mean + standardDeviation) };
    });
  return ruleX(bars, { x: 'actual', y1: 'low', y2: 'high', stroke: fill, strokeOpacity: 0.5 });
}

/** The points of one set; `total` counts those of both. */
export function dots(points: readonly ParityPoint[], { at }: ParityScale, look: SetLook, total: number): Markish {
  if (total <= NAMED_MAX) return dot(points, { ...AXES, ...look, r: 3, title: pointName });
  const place = (value: number) => Math.round(at(value) / CROWDED_PX);
  // A point that falls on another's place adds bytes and nothing to see.
  const places = new Map(points.map((point) => [`${place(point.actual)} ${place(point.mean)}`, point]));
  // At this size a square looks like a circle, and takes twice its bytes.
  return dot([...places.values()], { ...AXES, ...look, symbol: 'circle', r: 1.8 });
}

/** Rings around the largest errors, and whose they are. */
export function worstNamed(points: readonly ParityPoint[], { at }: ParityScale): Markish[] {
  const worst = worstPoints(points);
  const labels = worst.map(({ formula, materialId, actual, mean }) => {
    return { words: formula ?? materialId, x: at(actual), y: PARITY_PX - at(mean) };
  });
  return [
    dot(worst, { ...AXES, r: 6, stroke: 'var(--ink)', strokeWidth: 1.2 }),
    ...placedLabels(labels, PARITY_PX).map(({ words, dx, dy, textAnchor }, i) => {
      return text([worst[i]!], { ...AXES, text: () => words, dx, dy, textAnchor, fontSize: 11, ...HALO });
    }),
  ];
}

function pointName({ materialId, formula, actual, mean, standardDeviation }: ParityPoint): string {
  const what = formula === undefined ? materialId : `${formula} (${materialId})`;
  return `${what}: calculated ${fixed(actual, 1)}, predicted ${fixed(mean, 1)} \u00b1 ${fixed(standardDeviation, 1)} GPa`;
}
