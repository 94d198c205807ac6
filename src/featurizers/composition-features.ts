import { canBalanceCharge } from '../kernels/composition/charge-balance.ts';
import { writeIonicCharacter } from '../kernels/composition/ionic-character.ts';
import { NORM_ORDERS, writeStoichiometricNorms } from '../kernels/composition/stoichiometric-norms.ts';
import { WEIGHTED_STATISTICS, writeWeightedStatistics } from '../kernels/composition/weighted-statistics.ts';
import type { Composition } from '../model/composition.ts';
import { MAGPIE_PROPERTIES } from '../model/elements/magpie-properties.ts';
import {
  ELEMENT_STRIDE,
  MAGPIE_TABLE,
  OXIDATION_STATES,
  PAULING_ELECTRONEGATIVITY_IMPUTED,
} from '../model/elements.ts';

export interface CompositionFeature {
  /** matminer's label. */
  readonly label: string;
  /** `1` for a number without unit. */
  readonly unit: string;
}

const ORBITALS = ['s', 'p', 'd', 'f'] as const;

/**
 * The 145 composition features in matminer's order: Stoichiometry(), ElementProperty.from_preset("magpie"),
 * ValenceOrbital(props=["frac"]), IonProperty(fast=True).
 */
export const COMPOSITION_FEATURES: readonly CompositionFeature[] = [
  ...NORM_ORDERS.map((order) => ({ label: `${order}-norm`, unit: '1' })),
  ...MAGPIE_PROPERTIES.flatMap(({ name, unit }) =>
    WEIGHTED_STATISTICS.map((statistic) => ({ label: `MagpieData ${statistic} ${name}`, unit })),
  ),
  ...ORBITALS.map((orbital) => ({ label: `frac ${orbital} valence electrons`, unit: '1' })),
  ...['compound possible', 'max ionic char', 'avg ionic char'].map((label) => ({ label, unit: '1' })),
];

const MAGPIE = NORM_ORDERS.length;
const VALENCE = MAGPIE + MAGPIE_PROPERTIES.length * WEIGHTED_STATISTICS.length;
const ION = VALENCE + ORBITALS.length;
const VALENCE_MEAN = meanIndex('NValence');
const ORBITAL_MEANS = ORBITALS.map((orbital) => meanIndex(`N${orbital}Valence`));

/** Writes the 145 features from out[offset] on. They are never NaN: every gap in the elements' data is imputed. */
export function writeCompositionFeatures(composition: Composition, out: Float64Array, offset: number): void {
  const { atomicNumbers, amounts } = composition;
  writeStoichiometricNorms(amounts, out, offset);
  for (let property = 0; property < MAGPIE_PROPERTIES.length; property++) {
    const at = offset + MAGPIE + property * WEIGHTED_STATISTICS.length;
    writeWeightedStatistics(MAGPIE_TABLE, property * ELEMENT_STRIDE, atomicNumbers, amounts, out, at);
  }
  for (let orbital = 0; orbital < ORBITALS.length; orbital++) {
    out[offset + VALENCE + orbital] = out[offset + ORBITAL_MEANS[orbital]!]! / out[offset + VALENCE_MEAN]!;
  }
  // matminer counts a pure element as possible, whatever its oxidation states.
  const possible = atomicNumbers.length === 1 || canBalanceCharge(atomicNumbers, amounts, OXIDATION_STATES);
  out[offset + ION] = possible ? 1 : 0;
  writeIonicCharacter(atomicNumbers, amounts, PAULING_ELECTRONEGATIVITY_IMPUTED, out, offset + ION + 1);
}

function meanIndex(property: string): number {
  return COMPOSITION_FEATURES.findIndex(({ label }) => label === `MagpieData mean ${property}`);
}
