export interface FeatureTolerance {
  readonly relative: number;
  /** Features that are differences of equal numbers come out as about 1e-16 instead of 0. */
  readonly absolute: number;
}

/** The tolerance that the golden files state. */
export const GOLDEN_TOLERANCE: FeatureTolerance = { relative: 1e-6, absolute: 1e-9 };

/** The features that differ by more than the tolerance, as `label: actual, not expected`; null is NaN. */
export function featureDifferences(
  labels: readonly string[],
  actual: ArrayLike<number>,
  expected: ArrayLike<number | null>,
  { relative, absolute }: FeatureTolerance,
): string[] {
  return labels.flatMap((label, i) => {
    const [a, b] = [actual[i]!, expected[i] ?? Number.NaN];
    const close = Math.abs(a - b) <= Math.max(relative * Math.abs(b), absolute);
    return close || (Number.isNaN(a) && Number.isNaN(b)) ? [] : [`${label}: ${a}, not ${b}`];
  });
}
