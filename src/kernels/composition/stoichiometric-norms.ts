/** The orders p of the norms, in the order in which they are written. */
export const NORM_ORDERS = [0, 2, 3, 5, 7, 10] as const;

/**
 * Norms of the vector of atomic fractions: how many elements there are and how evenly they share the sites.
 *
 * Equation: ||x||_0 = number of elements; ||x||_p = (sum_i x_i^p)^(1/p) with x_i = amount_i / sum of amounts.
 * Source: Ward et al., npj Comput. Mater. 2, 16028 (2016), DOI 10.1038/npjcompumats.2016.28, "stoichiometric attributes".
 * Shapes: `amounts`: k >= 1 positive numbers; writes out[offset] to out[offset + 5].
 * Units: none.
 * Errors: none.
 * Known value: equal amounts of two elements give 2, 0.70711, 0.62996, 0.57435, 0.55204, 0.53589.
 */
export function writeStoichiometricNorms(amounts: Float64Array, out: Float64Array, offset: number): void {
  const count = amounts.length;
  let total = 0;
  for (let i = 0; i < count; i++) total += amounts[i]!;
  out[offset] = count;
  for (let n = 1; n < NORM_ORDERS.length; n++) {
    const order = NORM_ORDERS[n]!;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += (amounts[i]! / total) ** order;
    out[offset + n] = sum ** (1 / order);
  }
}
