import { elementSymbol } from './element-symbols.ts';
import { ATOMIC_WEIGHT, ELEMENT_STRIDE, PAULING_ELECTRONEGATIVITY } from './elements.ts';
import type { Structure } from './structure.ts';

/**
 * The elements of a crystal and their amounts.
 *
 * The form is canonical: elements ascend, amounts are coprime. So sums run over the same numbers in the same order for
 * every site order and every choice of cell, and features agree to the last bit.
 */
export interface Composition {
  /** Uint8Array[k], distinct atomic numbers, ascending. */
  readonly atomicNumbers: Uint8Array;
  /** Float64Array[k], whole numbers without a common divisor: atoms per reduced formula unit. */
  readonly amounts: Float64Array;
  /** The number of reduced formula units in the cell. */
  readonly formulaUnits: number;
}

/** The elements of a cell's sites and their amounts. */
export function compositionOf(structure: Structure): Composition {
  const counts = new Uint32Array(ELEMENT_STRIDE);
  for (const z of structure.atomicNumbers) counts[z]!++;
  return createComposition(counts);
}

/** Creates a composition from atom counts by atomic number (index 0 unused); at least one count must not be zero. */
export function createComposition(counts: ArrayLike<number>): Composition {
  let distinct = 0;
  let divisor = 0;
  for (let z = 1; z < counts.length; z++) {
    if (counts[z] === 0) continue;
    distinct++;
    divisor = greatestCommonDivisor(counts[z]!, divisor);
  }
  const atomicNumbers = new Uint8Array(distinct);
  const amounts = new Float64Array(distinct);
  for (let z = 1, i = 0; i < distinct; z++) {
    if (counts[z] === 0) continue;
    atomicNumbers[i] = z;
    amounts[i++] = counts[z]! / divisor;
  }
  return { atomicNumbers, amounts, formulaUnits: divisor };
}

/** The mass of all atoms in the cell, u. */
export function cellMass(composition: Composition): number {
  let mass = 0;
  composition.atomicNumbers.forEach((z, i) => {
    mass += composition.amounts[i]! * ATOMIC_WEIGHT[z]!;
  });
  return mass * composition.formulaUnits;
}

/**
 * Converts u / Angstrom^3 to g / cm^3: the atomic mass constant in 1e-24 g, CODATA 2022, DOI
 * 10.1103/RevModPhys.97.025002.
 */
const DENSITY_UNIT = 1.66053906892;

/** The density of a cell of the given volume (Angstrom^3), g/cm^3. */
export function massDensity(composition: Composition, volume: number): number {
  return (cellMass(composition) / volume) * DENSITY_UNIT;
}

interface Amount {
  readonly symbol: string;
  readonly electronegativity: number;
  readonly amount: number;
}

/** Two last elements that differ by less than this in electronegativity are written as a polyanion: `Ca3(PO4)2`. */
const POLYANION_DIFFERENCE_MAX = 1.65;
/** Molecules that are always written with their unreduced formula. */
const UNREDUCED: ReadonlyMap<string, string> = new Map(
  ['Li2O2', 'Na2O2', 'K2O2', 'H2O2', 'Cs2O2', 'Rb2O2'].map((formula) => [formula.replaceAll('2', ''), formula]),
);
const DIATOMIC: ReadonlySet<string> = new Set(['O', 'N', 'F', 'Cl', 'H']);

/** The formula as pymatgen and the Materials Project write it, sorted by electronegativity: `LiFePO4`, `Ca3(PO4)2`. */
export function reducedFormula(composition: Composition): string {
  const all = Array.from(composition.atomicNumbers, (z, i): Amount => {
    const electronegativity = PAULING_ELECTRONEGATIVITY[z]!;
    return { symbol: elementSymbol(z), electronegativity, amount: composition.amounts[i]! };
  }).sort(byElectronegativity);
  const last = all.at(-1);
  const previous = all.at(-2);
  if (all.length < 3 || last === undefined || previous === undefined) {
    const formula = written(all);
    return DIATOMIC.has(formula) ? `${formula}2` : (UNREDUCED.get(formula) ?? formula);
  }
  const units = greatestCommonDivisor(previous.amount, last.amount);
  const close = last.electronegativity - previous.electronegativity < POLYANION_DIFFERENCE_MAX;
  if (!close || units === 1) return written(all);
  const anion = [previous, last].map((part) => ({ ...part, amount: part.amount / units }));
  return `${written(all.slice(0, -2))}(${written(anion)})${units}`;
}

function written(parts: readonly Amount[]): string {
  return parts.map(({ symbol, amount }) => (amount === 1 ? symbol : `${symbol}${amount}`)).join('');
}

/** Sorts the least electronegative first, unknown ones last, and equal ones by symbol. */
function byElectronegativity(a: Amount, b: Amount): number {
  const [x, y] = [a, b].map((part) => (Number.isNaN(part.electronegativity) ? 99 : part.electronegativity));
  return x! - y! || (a.symbol < b.symbol ? -1 : 1);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
