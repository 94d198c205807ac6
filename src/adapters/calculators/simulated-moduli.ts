import { type Composition, compositionOf } from '../../model/composition.ts';
import { MAGPIE_PROPERTIES } from '../../model/elements/magpie-properties.ts';
import { ELEMENT_STRIDE, isNobleGas, MAGPIE_TABLE, PAULING_ELECTRONEGATIVITY_IMPUTED } from '../../model/elements.ts';
import { type Structure, siteCount } from '../../model/structure.ts';
import type { Modulus } from '../../model/target.ts';

/** Cohen's constants, GPa Angstrom^3.5: the value for a covalent bond, and the decrease per unit of ionicity. */
const COVALENT = 1972;
const IONIC = 220;
/**
 * Bond length divided by the cube root of the volume per atom, in the diamond lattice, for which Cohen's formula holds.
 */
const BOND_LENGTH_FACTOR = Math.sqrt(3) / 2;
/** Pugh's ratio G/K without directional bonds, and what half-filled p shells add to it. */
const PUGH_UNDIRECTED = 0.4;
const PUGH_DIRECTED = 0.3;
/**
 * Limits of the moduli, GPa: softer than solid xenon and stiffer than any compound. A nonsensical structure must not
 * give nonsensical moduli.
 */
export const SIMULATED_RANGE_GPA = [1, 500] as const;

const [S_VALENCE, P_VALENCE, D_VALENCE] = (['NsValence', 'NpValence', 'NdValence'] as const).map((name) => {
  const property = MAGPIE_PROPERTIES.findIndex((candidate) => candidate.name === name);
  return MAGPIE_TABLE.subarray(property * ELEMENT_STRIDE, (property + 1) * ELEMENT_STRIDE);
}) as [Float64Array, Float64Array, Float64Array];

/**
 * Returns moduli (GPa) that behave like those of real crystals, from composition and volume alone. They are NOT DFT and
 * no reliable estimate: they give large tests a smooth, positive and learnable target.
 *
 * Equation: K = (1972 - 220 I) (b / 4) d^-3.5, with d = (sqrt(3) / 2) (V / n)^(1/3) Angstrom; b bonding electrons per
 * atom: 8 - N beyond half-filled s and p shells, for transition metals their s electrons and Friedel's parabola d (10 -
 * d) / 5; I twice the mean deviation of Pauling's electronegativity. G = K (0.4 + 0.3 p), with p the mean of min(Np, 6
 * - Np) / 3. Both are kept within 1 to 500 GPa.
 * Source: K after M. L. Cohen, Phys. Rev. B 32, 7988 (1985), DOI 10.1103/PhysRevB.32.7988; the rest is our choice.
 */
export function simulatedModuli(structure: Structure): Record<Modulus, number> {
  const composition = compositionOf(structure);
  const volumePerAtom = structure.lattice.volume / siteCount(structure);
  const bondLength = BOND_LENGTH_FACTOR * Math.cbrt(volumePerAtom);
  const electronegativity = mean(composition, (z) => PAULING_ELECTRONEGATIVITY_IMPUTED[z]!);
  const ionicity = 2 * mean(composition, (z) => Math.abs(PAULING_ELECTRONEGATIVITY_IMPUTED[z]! - electronegativity));
  const bonds = mean(composition, bondingElectrons) / 4;
  const bulk = withinRange((COVALENT - IONIC * ionicity) * bonds * bondLength ** -3.5);
  const directed = mean(composition, (z) => Math.min(P_VALENCE[z]!, 6 - P_VALENCE[z]!) / 3);
  return { g_vrh: withinRange(bulk * (PUGH_UNDIRECTED + PUGH_DIRECTED * directed)), k_vrh: bulk };
}

function withinRange(gpa: number): number {
  const [min, max] = SIMULATED_RANGE_GPA;
  return Math.min(max, Math.max(min, gpa));
}

function bondingElectrons(z: number): number {
  if (isNobleGas(z)) return 0;
  const [s, p, d] = [S_VALENCE[z]!, P_VALENCE[z]!, D_VALENCE[z]!];
  if (p > 0 || d === 0) return s + p <= 4 ? s + p : 8 - s - p;
  const inBand = Math.min(10, s + d - 1);
  return Math.min(s + d, s + d - inBand + (inBand * (10 - inBand)) / 5);
}

/** Mean over the atoms. The elements are in ascending order, so the order of the sites does not matter. */
function mean({ atomicNumbers, amounts }: Composition, property: (z: number) => number): number {
  let [sum, atoms] = [0, 0];
  atomicNumbers.forEach((z, i) => {
    sum += amounts[i]! * property(z);
    atoms += amounts[i]!;
  });
  return sum / atoms;
}
