/** CODATA 2018. */
export const BOHR_ANGSTROM = 0.529177210903;
export const RYDBERG_EV = 13.605693122994;
const EV_PER_ANGSTROM3_GPA = 160.2176634;

/** Stress in GPa of one in Ry/bohr^3: 14710.508. */
const RYDBERG_PER_BOHR3_GPA = (RYDBERG_EV / BOHR_ANGSTROM ** 3) * EV_PER_ANGSTROM3_GPA;

/**
 * Float64Array[6] in GPa and Voigt order, positive if the cell would shrink, of nine numbers in Ry/bohr^3, row-major, that
 * pw.x prints positive if the cell would grow.
 */
export function stressOfRydberg(printed: ArrayLike<number>): Float64Array {
  const mean = (i: number, j: number) => (printed[i]! + printed[j]!) / 2;
  const voigt = [printed[0]!, printed[4]!, printed[8]!, mean(5, 7), mean(2, 6), mean(1, 3)];
  // Adding 0 turns -0 into 0.
  return Float64Array.from(voigt, (value) => -value * RYDBERG_PER_BOHR3_GPA + 0);
}

/** By the parts of a functional as pw.x prints them. */
const FUNCTIONALS: Readonly<Record<string, string>> = {
  PZ: 'LDA',
  'SLA PZ NOGX NOGC': 'LDA',
  'SLA PW NOGX NOGC': 'LDA',
  'SLA PW PBX PBC': 'PBE',
  'SLA PW PBE PBE': 'PBE',
  'SLA PW PSX PSC': 'PBEsol',
  PBESOL: 'PBEsol',
  'SLA LYP B88 BLYP': 'BLYP',
  'SLA PW GGX GGC': 'PW91',
  'SLA PW REVX PBC': 'revPBE',
  REVPBE: 'revPBE',
  R2SCAN: 'r2SCAN',
};
const FUNCTIONAL_CHARACTERS_MAX = 60;

/** `PBE` of `SLA PW PBX PBC`; what is not known stays as printed. */
export function espressoFunctional(printed: string, { hasU = false, dispersion = '' } = {}): string | undefined {
  const words = printed
    .slice(0, FUNCTIONAL_CHARACTERS_MAX)
    .trim()
    .toUpperCase()
    .split(/[\s+-]+/);
  const name = words.join(' ');
  if (name === '') return undefined;
  return `${FUNCTIONALS[name] ?? name}${dispersion === '' ? '' : `-${dispersion}`}${hasU ? '+U' : ''}`;
}

/** `Quantum ESPRESSO 6.7` of `v.6.7MaX` or `6.7MaX`. */
export function espressoCode(version: string): string {
  const number = /\d+(?:\.\d+)*/.exec(version.slice(0, 100))?.[0];
  return number === undefined ? 'Quantum ESPRESSO' : `Quantum ESPRESSO ${number}`;
}
