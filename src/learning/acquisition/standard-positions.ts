import { momentsOf, standardDeviation } from '../../kernels/population-moments.ts';

/** Beyond so many STDEVs of the training rows a feature counts no more: a single one must not make a material far. */
const BEYOND = 5;

/**
 * Where materials lie: their features less the training rows' mean, in their population STDEV, cut at 5; 0 where one is
 * not known, or does not vary. In single precision, as messages hold them.
 * @param matrix Float64Array[rows * columns.length], row-major: the training rows
 * @param columns places in the feature vector
 */
export function standardPositions(
  matrix: Float64Array,
  columns: Int32Array,
): (vector: ArrayLike<number>) => readonly number[] {
  const width = columns.length;
  const rows = width === 0 ? 0 : matrix.length / width;
  const moments = Array.from(columns, (_, j) =>
    momentsOf(Float64Array.from({ length: rows }, (__, row) => matrix[row * width + j]!)),
  );
  return (vector) =>
    Array.from(columns, (column, j) => {
      const spread = standardDeviation(moments[j]!);
      const distance = (vector[column]! - moments[j]!.mean) / spread;
      if (!(spread > 0) || Number.isNaN(distance)) return 0;
      return Math.fround(Math.min(BEYOND, Math.max(-BEYOND, distance)));
    });
}
