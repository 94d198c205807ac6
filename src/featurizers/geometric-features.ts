import {
  ANGLE_BINS,
  BOND_CUTOFF_ANGSTROM,
  type BondSums,
  bondSums,
  DISTANCE_BINS,
} from '../kernels/bonds/bond-sums.ts';
import { springModuli } from '../kernels/bonds/spring-network.ts';
import { exponential, naturalLogarithm } from '../kernels/logarithm.ts';
import type { PeriodicSites } from '../kernels/voronoi/periodic-sites.ts';
import {
  ATOMIC_RADIUS,
  ELEMENT_BULK_MODULUS,
  MOLAR_VOLUME,
  PAULING_ELECTRONEGATIVITY,
  PERIODIC_GROUP,
} from '../model/elements.ts';
import type { Structure } from '../model/structure.ts';

const SPREAD = ['min', 'mean', 'max', 'std'] as const;
const SUM = ['mean', 'density', 'min', 'std'] as const;
const SITE_SUM_UNITS = [
  ['inv3', 'Angstrom^-3'],
  ['inv4', 'Angstrom^-4'],
  ['inv6', 'Angstrom^-6'],
  ['inv9', 'Angstrom^-9'],
  ['bond', '1'],
] as const;
const numbered = (name: string, count: number, digits: number) =>
  Array.from({ length: count }, (_, k) => ({ label: `${name}_${String(k).padStart(digits, '0')}`, unit: '1' }));

/**
 * 77 features of bonds and geometry, in the order in which they are written. Springs and bonds have the strength of a
 * dimensionless weight, so their moduli and densities are in Angstrom^-1 and Angstrom^-3.
 */
export const GEOMETRIC_FEATURES: readonly { readonly label: string; readonly unit: string }[] = [
  { label: 'volume_over_elemental', unit: '1' },
  { label: 'k_voigt_elements', unit: 'GPa' },
  { label: 'k_reuss_elements', unit: 'GPa' },
  { label: 'k_reuss_compressed', unit: 'GPa' },
  { label: 'valence_density', unit: 'Angstrom^-3' },
  { label: 'valence_density_5_3', unit: 'Angstrom^-5' },
  { label: 'volume_per_atom', unit: 'Angstrom^3' },
  { label: 'electron_density', unit: 'Angstrom^-3' },
  ...SPREAD.map((statistic) => ({ label: `nearest_${statistic}`, unit: 'Angstrom' })),
  ...SPREAD.map((statistic) => ({ label: `nearest_scaled_${statistic}`, unit: '1' })),
  ...['mean', 'min', 'max'].map((statistic) => ({ label: `coordination_${statistic}`, unit: '1' })),
  { label: 'dx_near', unit: '1' },
  { label: 'dx_near_max', unit: '1' },
  { label: 'd_near', unit: 'Angstrom' },
  { label: 'd_near_-3.5', unit: 'Angstrom^-3.5' },
  { label: 'cohen_k', unit: 'GPa' },
  ...SITE_SUM_UNITS.flatMap(([name, unit]) =>
    SUM.map((statistic) => ({ label: `${name}_${statistic}`, unit: statistic === 'density' ? perVolume(unit) : unit })),
  ),
  { label: 'ionic_density', unit: 'Angstrom^-3' },
  { label: 'spring_k', unit: 'Angstrom^-1' },
  { label: 'spring_g_voigt', unit: 'Angstrom^-1' },
  { label: 'spring_lowest', unit: 'Angstrom^-1' },
  { label: 'spring_highest', unit: 'Angstrom^-1' },
  { label: 'spring_ratio', unit: '1' },
  { label: 'spring_k_reuss', unit: 'Angstrom^-1' },
  { label: 'spring_g_reuss', unit: 'Angstrom^-1' },
  { label: 'imbalance', unit: 'Angstrom' },
  { label: 'imbalance_relative', unit: 'Angstrom' },
  ...numbered('distances', DISTANCE_BINS, 2),
  ...numbered('angles', ANGLE_BINS, 1),
];

function perVolume(unit: string): string {
  return unit === '1' ? 'Angstrom^-3' : `Angstrom^-${Number(unit.slice(-1)) + 3}`;
}

/** By atomic number; a fixed value where pymatgen knows none. */
const RADIUS = ATOMIC_RADIUS.map((radius) => (Number.isNaN(radius) ? 1.6 : radius));
const ELECTRONEGATIVITY = PAULING_ELECTRONEGATIVITY.map((x) => (Number.isNaN(x) ? 1.5 : x));
const VALENCE = PERIODIC_GROUP.map((group) => (group <= 12 ? group : group - 10));
/** cm^3/mol in an Angstrom^3 per atom. */
const MOLAR_VOLUME_UNIT = 0.602214;
/** Where a site has no neighbour within the cutoff. */
const NO_NEIGHBOUR_SCALED = 3;
/** Cohen's K = (1971 - 220 I) d^-3.5 N / 4, GPa and Angstrom, with the ionicity I as the difference in electronegativity. */
const COHEN = { covalent: 1971, ionic: 220, ionicityMax: 2, coordination: 4 };
/** Of the net force: what rounding leaves where symmetry allows none. */
const FORCE_NOISE = 1e-10;

/**
 * Writes the 77 features from out[offset] on; NaN where an element's property is not known, or where no site has a
 * neighbour within 6 Angstrom.
 * Source: M. L. Cohen, Phys. Rev. B 32, 7988 (1985), DOI 10.1103/PhysRevB.32.7988 (cohen_k); mixtures of the elements'
 * moduli: R. Hill, Proc. Phys. Soc. A 65, 349 (1952), DOI 10.1088/0370-1298/65/5/307; sums over pairs: bond-sums.ts.
 * @param sites the structure's sites, as its tessellation has them
 */
export function writeGeometricFeatures(
  structure: Structure,
  sites: PeriodicSites,
  out: Float64Array,
  offset: number,
): void {
  out.fill(Number.NaN, offset, offset + GEOMETRIC_FEATURES.length);
  const { atomicNumbers, lattice } = structure;
  const { volume } = lattice;
  const of = (table: Float64Array) => {
    const values = new Float64Array(atomicNumbers.length);
    for (let i = 0; i < values.length; i++) values[i] = table[atomicNumbers[i]!]!;
    return values;
  };
  writeElements(of(MOLAR_VOLUME), of(ELEMENT_BULK_MODULUS), volume, out, offset);
  let electrons = 0;
  for (let i = 0; i < atomicNumbers.length; i++) electrons += atomicNumbers[i]!;
  const properties = { radius: of(RADIUS), electronegativity: of(ELECTRONEGATIVITY), valence: of(VALENCE) };
  const valenceDensity = sum(properties.valence) / volume;
  out[offset + 4] = valenceDensity;
  out[offset + 5] = exponential((5 / 3) * naturalLogarithm(valenceDensity));
  out[offset + 6] = volume / sites.count;
  out[offset + 7] = electrons / volume;
  const sums = bondSums(sites, properties);
  if (sums.pairs > 0) writeBonds(sums, volume, out, offset + 8);
}

/** What a mixture of the pure elements would have, by their volumes. */
function writeElements(
  molar: Float64Array,
  bulk: Float64Array,
  volume: number,
  out: Float64Array,
  offset: number,
): void {
  const molarSum = sum(molar);
  const elemental = molarSum / MOLAR_VOLUME_UNIT;
  let [stiff, soft] = [0, 0];
  for (let i = 0; i < molar.length; i++) {
    stiff += molar[i]! * bulk[i]!;
    soft += molar[i]! / bulk[i]!;
  }
  const reuss = molarSum / soft;
  const compression = elemental / volume;
  out[offset] = volume / elemental;
  if (Number.isNaN(out[offset]!)) return;
  out[offset + 1] = stiff / molarSum;
  out[offset + 2] = reuss;
  out[offset + 3] = reuss * compression * compression * compression;
}

function writeBonds(sums: BondSums, volume: number, out: Float64Array, offset: number): void {
  const n = sums.nearest.length;
  let at = offset;
  const write = (...values: readonly number[]) => {
    for (let k = 0; k < values.length; k++) out[at++] = values[k]!;
  };
  const nearest = spread(sums.nearest, BOND_CUTOFF_ANGSTROM);
  const scaled = spread(sums.nearestScaled, NO_NEIGHBOUR_SCALED);
  write(nearest.min, nearest.mean, nearest.max, nearest.std, scaled.min, scaled.mean, scaled.max, scaled.std);
  const coordination = spread(sums.coordination);
  write(coordination.mean, coordination.min, coordination.max);
  const [difference, power] = [sums.nearDifference / sums.near, sums.nearPower / sums.near];
  const ionic = COHEN.covalent - COHEN.ionic * Math.min(difference, COHEN.ionicityMax);
  write(difference, sums.nearDifferenceMax, sums.nearDistance / sums.near, power);
  write((coordination.mean / COHEN.coordination) * ionic * power);
  for (let q = 0; q < SITE_SUM_UNITS.length; q++) {
    const { mean, min, std } = spread(sums.perSite.subarray(q * n, (q + 1) * n));
    write(mean, (mean * n) / volume, min, std);
  }
  write(sums.ionic / volume);
  const stiffness = springModuli(sums.stiffness.map((value) => value / (2 * volume)));
  const { lowestEigenvalue: lowest, highestEigenvalue: highest } = stiffness;
  write(
    stiffness.bulk,
    stiffness.shearVoigt,
    lowest,
    highest,
    lowest / highest,
    stiffness.bulkReuss,
    stiffness.shearReuss,
  );
  const weight = sum(sums.perSite.subarray(4 * n, 5 * n)) / n;
  const force = Math.sqrt(sums.forces / n);
  const imbalance = force > FORCE_NOISE * weight ? force : 0;
  write(imbalance, imbalance / (weight + 1e-9));
  for (const value of sums.distances) out[at++] = value / n;
  if (sums.anglePairs === 0) return;
  for (const count of sums.angles) out[at++] = count / sums.anglePairs;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

/**
 * STDEV in population form.
 * @param missing replaces Infinity, in place
 */
function spread(values: Float64Array, missing = 0): Readonly<Record<(typeof SPREAD)[number], number>> {
  for (let i = 0; i < values.length; i++) if (values[i] === Number.POSITIVE_INFINITY) values[i] = missing;
  const mean = sum(values) / values.length;
  let [min, max, squares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
    squares += (value - mean) * (value - mean);
  }
  return { min, mean, max, std: Math.sqrt(squares / values.length) };
}
