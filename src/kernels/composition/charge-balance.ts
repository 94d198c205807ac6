/**
 * Whether a neutral compound is possible with one oxidation state per element.
 *
 * Equation: is there a choice of q_i in Q_i with sum_i n_i q_i = 0?
 * Source: Ward et al., npj Comput. Mater. 2, 16028 (2016), DOI 10.1038/npjcompumats.2016.28, "ionic compound
 * attributes"; matminer's IonProperty(fast=True). matminer tries every combination, and their number grows
 * exponentially. This function keeps a bit set of reachable sums instead: it is exact and needs at most k * 9 shifts of
 * 8 * (atoms) bits.
 * Shapes: `atomicNumbers`, `amounts`: k >= 1 entries, the amounts are whole numbers; `states[z]`: ascending oxidation
 * states.
 * Units: elementary charges.
 * Returns: true or false.
 * Errors: RangeError if an amount is not whole. An element without states cannot be balanced: the result is false.
 * Known value: Fe2O3 gives true; Fe3O4 (mixed valence) gives false.
 */
export function canBalanceCharge(
  atomicNumbers: Uint8Array,
  amounts: Float64Array,
  states: readonly Int8Array[],
): boolean {
  let lowest = 0;
  let highest = 0;
  for (let i = 0; i < atomicNumbers.length; i++) {
    const own = states[atomicNumbers[i]!]!;
    if (own.length === 0) return false;
    lowest += amounts[i]! * own[0]!;
    highest += amounts[i]! * own[own.length - 1]!;
  }
  if (lowest > 0 || highest < 0) return false;
  // Bit s is set if the sum lowest + s is reachable: the elements seen so far take any state, the others their lowest.
  let reachable = 1n;
  for (let i = 0; i < atomicNumbers.length; i++) {
    const own = states[atomicNumbers[i]!]!;
    const before = reachable;
    for (let j = 1; j < own.length; j++) reachable |= before << BigInt(amounts[i]! * (own[j]! - own[0]!));
  }
  return ((reachable >> BigInt(-lowest)) & 1n) === 1n;
}
