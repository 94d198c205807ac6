/**
 * The greatest and the mean ionic character of the bonds between unlike elements.
 *
 * Equation: I_ij = 1 - exp(-(X_i - X_j)^2 / 4); max over i < j of I_ij; mean = sum over i < j of x_i x_j I_ij, with
 * atomic fractions x. In the mean, a pair of like elements counts with I = 0, and each pair of unlike elements counts
 * once, not twice.
 * Source: Pauling's formula as in Ward et al., npj Comput. Mater. 2, 16028 (2016), DOI 10.1038/npjcompumats.2016.28;
 * matminer's IonProperty.
 * Shapes: `electronegativity`: by atomic number; `atomicNumbers`, `amounts`: k >= 1 entries; writes out[offset],
 * out[offset + 1].
 * Units: none.
 * Errors: none; a single element gives 0 and 0.
 * Known value: HfN (X = 1.3, 3.04) gives 0.53088, 0.13272.
 */
export function writeIonicCharacter(
  atomicNumbers: Uint8Array,
  amounts: Float64Array,
  electronegativity: Float64Array,
  out: Float64Array,
  offset: number,
): void {
  const count = atomicNumbers.length;
  let total = 0;
  for (let i = 0; i < count; i++) total += amounts[i]!;
  let greatest = 0;
  let mean = 0;
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      const difference = electronegativity[atomicNumbers[i]!]! - electronegativity[atomicNumbers[j]!]!;
      const character = 1 - Math.exp(-0.25 * difference * difference);
      if (character > greatest) greatest = character;
      mean += (amounts[i]! / total) * (amounts[j]! / total) * character;
    }
  }
  out[offset] = greatest;
  out[offset + 1] = mean;
}
