import { exponential, naturalLogarithm } from '../../kernels/logarithm.ts';
import type { TargetTransform } from '../../model/target.ts';

/*
 * With `transform: log` a model learns ln(y). What it predicts is transformed back at once, member by member, so that
 * everything after it, from scores to tables, is in the target's unit: a member says exp(prediction), the median of
 * materials like this one if ln(y) is spread alike on both sides; mean and STDEV of the ensemble are those of the
 * members' values. All of them are above 0.
 *
 * Error bars are made on the logarithmic scale: ln(mean), with the relative STDEV (STDEV / mean) as its STDEV, which it
 * is to first order. An interval is mean * exp(-+ q * STDEV / mean): it lies above 0, and is wider above than below.
 */

/** What the model learns of a value. A value without logarithm must have been left out before. */
export function learnedValue(value: number, transform: TargetTransform): number {
  return transform === 'log' ? naturalLogarithm(value) : value;
}

/** Turns what models say, in place, into values of the target. */
export function backTransform(predictions: Float64Array, transform: TargetTransform): void {
  if (transform === 'none') return;
  for (let i = 0; i < predictions.length; i++) predictions[i] = exponential(predictions[i]!);
}

/** Why models cannot learn a value: it has no logarithm. */
export function hasNoLogarithm(value: number, transform: TargetTransform): boolean {
  return transform === 'log' && !(value > 0);
}

/** |mean - actual| and STDEV on the scale on which the target is learned. */
export function learnedDeviation(
  { mean, standardDeviation, actual }: Readonly<Record<'mean' | 'standardDeviation' | 'actual', number>>,
  transform: TargetTransform,
): { readonly error: number; readonly standardDeviation: number } {
  if (transform === 'none') return { error: Math.abs(mean - actual), standardDeviation };
  const error = Math.abs(naturalLogarithm(mean) - naturalLogarithm(actual));
  return { error, standardDeviation: standardDeviation / mean };
}

/**
 * The interval around a mean, in the target's unit.
 * @param half half its width on the scale on which the target is learned; may be infinite
 */
export function intervalAround(
  mean: number,
  half: number,
  transform: TargetTransform,
): { readonly low: number; readonly high: number } {
  if (transform === 'none') return { low: mean - half, high: mean + half };
  return { low: mean * exponential(-half), high: mean * exponential(half) };
}
