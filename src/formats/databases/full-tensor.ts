/** Voigt order XX YY ZZ YZ ZX XY as index pairs. */
const PAIRS = [
  [0, 0],
  [1, 1],
  [2, 2],
  [1, 2],
  [0, 2],
  [0, 1],
] as const;

/**
 * The 6 x 6 matrix of pymatgen's `input_array`: C_IJ = c_ijkl, if it is the full 3 x 3 x 3 x 3 tensor. Anything else is
 * returned as it is, for its reader to check.
 */
export function voigtFromFull(array: unknown): unknown {
  if (!Array.isArray(array) || array.length !== 3) return array;
  return PAIRS.map(([i, j]) => PAIRS.map(([k, l]) => at(array, [i, j, k, l])));
}

function at(array: unknown, [first, ...rest]: readonly number[]): unknown {
  if (first === undefined) return array;
  return Array.isArray(array) ? at(array[first], rest) : undefined;
}
