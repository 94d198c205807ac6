import { atomicNumber } from '../../src/model/element-symbols.ts';
import { ELEMENT_STRIDE } from '../../src/model/elements.ts';

/** Atom counts by atomic number from amounts by symbol. */
export function countsOf(amounts: Readonly<Record<string, number>>): Uint32Array {
  const counts = new Uint32Array(ELEMENT_STRIDE);
  for (const [symbol, amount] of Object.entries(amounts)) counts[atomicNumber(symbol)!]! += amount;
  return counts;
}
