import { ATOMIC_NUMBER_MAX } from './element-symbols.ts';
import { MAGPIE_PROPERTIES } from './elements/magpie-properties.ts';
import {
  ATOMIC_RADIUS_VALUES,
  ATOMIC_WEIGHT_VALUES,
  BULK_MODULUS_VALUES,
  GROUP_VALUES,
  MOLAR_VOLUME_VALUES,
  OXIDATION_STATE_VALUES,
  PAULING_ELECTRONEGATIVITY_VALUES,
} from './elements/pymatgen-values.ts';

/** The length of a table row: atomic numbers 1 to 118, index 0 unused (NaN). */
export const ELEMENT_STRIDE = ATOMIC_NUMBER_MAX + 1;

/**
 * The value that matminer uses if pymatgen has no Pauling electronegativity (He, Ne, Ar, and all elements from Rf on):
 * the mean over the elements that have one.
 */
const PAULING_IMPUTED = 1.713;

/**
 * Magpie's properties of all elements, with matminer's imputation (MagpieData(impute_nan=True)): never NaN.
 * Float64Array[22 * 119]: property p (its index in MAGPIE_PROPERTIES) of atomic number z at p * ELEMENT_STRIDE + z. Few
 * data exist beyond Lr. From Nh (113) on every property is imputed, even the atomic number (56.5): matminer does so,
 * and models trained on its features expect it.
 */
export const MAGPIE_TABLE: Float64Array = magpieTable();

/** Float64Array[119] by atomic number; NaN if pymatgen has no value. */
export const PAULING_ELECTRONEGATIVITY: Float64Array = elementRow(PAULING_ELECTRONEGATIVITY_VALUES);

/** Float64Array[119] by atomic number, never NaN: gaps are filled as by matminer's PymatgenData(impute_nan=True). */
export const PAULING_ELECTRONEGATIVITY_IMPUTED: Float64Array = PAULING_ELECTRONEGATIVITY.map((x) =>
  Number.isNaN(x) ? PAULING_IMPUTED : x,
);

/** Float64Array[119] by atomic number, u; known for all 118 elements. */
export const ATOMIC_WEIGHT: Float64Array = elementRow(ATOMIC_WEIGHT_VALUES);

/** Float64Array[119] by atomic number, cm^3/mol, pure element; NaN if pymatgen has no value. */
export const MOLAR_VOLUME: Float64Array = elementRow(MOLAR_VOLUME_VALUES);

/** Float64Array[119] by atomic number, GPa, pure element; NaN if pymatgen has no value. */
export const ELEMENT_BULK_MODULUS: Float64Array = elementRow(BULK_MODULUS_VALUES);

/** Float64Array[119] by atomic number, Angstrom; NaN if pymatgen has no value. */
export const ATOMIC_RADIUS: Float64Array = elementRow(ATOMIC_RADIUS_VALUES);

/** Float64Array[119] by atomic number; known for all 118 elements. */
export const PERIODIC_GROUP: Float64Array = elementRow(GROUP_VALUES);

/**
 * Common oxidation states by atomic number, ascending; empty if pymatgen lists none (He, Ne, Ar, Rn, and all elements
 * from Db on). No compound of such an element can be charge-balanced.
 */
export const OXIDATION_STATES: readonly Int8Array[] = oxidationStates();

const NOBLE_GASES: ReadonlySet<number> = new Set([2, 10, 18, 36, 54, 86]);

/** Whether an element is He, Ne, Ar, Kr, Xe or Rn. Oganesson is not: only five atoms of it were ever observed. */
export function isNobleGas(z: number): boolean {
  return NOBLE_GASES.has(z);
}

/** Whether an element is radioactive as in pymatgen: Tc, Pm and all from Po on (with Th and U, without Bi). */
export function isRadioactive(z: number): boolean {
  return z === 43 || z === 61 || z >= 84;
}

function magpieTable(): Float64Array {
  const table = new Float64Array(MAGPIE_PROPERTIES.length * ELEMENT_STRIDE).fill(Number.NaN);
  MAGPIE_PROPERTIES.forEach(({ values, imputed }, property) => {
    const row = elementRow(values);
    for (let z = 1; z < ELEMENT_STRIDE; z++) {
      table[property * ELEMENT_STRIDE + z] = Number.isNaN(row[z]) ? imputed : row[z]!;
    }
  });
  return table;
}

function oxidationStates(): Int8Array[] {
  const states = Array.from({ length: ELEMENT_STRIDE }, () => new Int8Array(0));
  words(OXIDATION_STATE_VALUES).forEach((word, index) => {
    if (word !== '-') states[index + 1] = Int8Array.from(word.split('/'), Number);
  });
  return states;
}

/** A row by atomic number; `values` begins with hydrogen's value, and non-numbers become NaN. */
function elementRow(values: string): Float64Array {
  const row = new Float64Array(ELEMENT_STRIDE).fill(Number.NaN);
  row.set(words(values).map(Number), 1);
  return row;
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
