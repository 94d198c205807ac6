import { averageDeviation, SITE_STATISTICS, writeSiteStatistics } from '../kernels/site-statistics.ts';
import type { StepBudget } from '../kernels/step-budget.ts';
import { ORDERING_SHELLS, writeOrderingParameters } from '../kernels/voronoi/neighbor-order.ts';
import type { Tessellation } from '../kernels/voronoi/tessellation.ts';
import type { Composition } from '../model/composition.ts';
import { MAGPIE_PROPERTIES } from '../model/elements/magpie-properties.ts';
import { ELEMENT_STRIDE, MAGPIE_TABLE } from '../model/elements.ts';
import type { Structure } from '../model/structure.ts';

const perStatistic = (name: string, unit: string) =>
  SITE_STATISTICS.map((statistic) => ({ label: `${statistic} ${name}`, unit }));

/**
 * The 128 structure features in matminer's order: SiteStatsFingerprint "CoordinationNumber_ward-prb-2017",
 * StructuralHeterogeneity, ChemicalOrdering, MaximumPackingEfficiency and SiteStatsFingerprint
 * "LocalPropertyDifference_ward-prb-2017".
 */
export const STRUCTURE_FEATURES: readonly { readonly label: string; readonly unit: string }[] = [
  ...perStatistic('CN_VoronoiNN', '1'),
  { label: 'mean absolute deviation in relative bond length', unit: '1' },
  { label: 'max relative bond length', unit: '1' },
  { label: 'min relative bond length', unit: '1' },
  ...perStatistic('neighbor distance variation', '1'),
  { label: 'mean absolute deviation in relative cell size', unit: '1' },
  ...Array.from({ length: ORDERING_SHELLS }, (_, s) => ({
    label: `mean ordering parameter shell ${s + 1}`,
    unit: '1',
  })),
  { label: 'max packing efficiency', unit: '1' },
  ...MAGPIE_PROPERTIES.flatMap(({ name, unit }) => perStatistic(`local difference in ${name}`, unit)),
];

const COORDINATION = 0;
const HETEROGENEITY = COORDINATION + SITE_STATISTICS.length;
const ORDERING = HETEROGENEITY + 4 + SITE_STATISTICS.length;
const PACKING = ORDERING + ORDERING_SHELLS;
const LOCAL_DIFFERENCE = PACKING + 1;

/**
 * Writes the 128 features from out[offset] on; they are never NaN. All follow from one Voronoi tessellation.
 * Source: Ward et al., Phys. Rev. B 96, 024104 (2017), DOI 10.1103/PhysRevB.96.024104.
 */
export function writeStructureFeatures(
  structure: Structure,
  composition: Composition,
  tessellation: Tessellation,
  out: Float64Array,
  offset: number,
  budget?: StepBudget,
): void {
  const types = typesOf(structure, composition);
  writeCoordination(tessellation, out, offset + COORDINATION);
  writeHeterogeneity(tessellation, out, offset + HETEROGENEITY);
  writeOrderingParameters(tessellation, types, typeFractions(composition), out, offset + ORDERING, budget);
  out[offset + PACKING] = packingEfficiency(tessellation, structure.lattice.volume);
  writeLocalDifferences(tessellation, types, composition.atomicNumbers, out, offset + LOCAL_DIFFERENCE);
}

/** Int32Array[n]: the index of each site's element in the composition. */
function typesOf(structure: Structure, composition: Composition): Int32Array {
  const typeOf = new Int32Array(ELEMENT_STRIDE);
  composition.atomicNumbers.forEach((z, type) => {
    typeOf[z] = type;
  });
  const { atomicNumbers } = structure;
  const types = new Int32Array(atomicNumbers.length);
  for (let i = 0; i < types.length; i++) types[i] = typeOf[atomicNumbers[i]!]!;
  return types;
}

function typeFractions({ amounts }: Composition): Float64Array {
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  return amounts.map((amount) => amount / total);
}

/** The effective coordination number (sum A)^2 / sum A^2 over a cell's face areas A. */
function writeCoordination({ siteCount, faceStart, area }: Tessellation, out: Float64Array, offset: number): void {
  const numbers = new Float64Array(siteCount);
  for (let i = 0; i < siteCount; i++) {
    let sum = 0;
    let squares = 0;
    for (let f = faceStart[i]!; f < faceStart[i + 1]!; f++) {
      sum += area[f]!;
      squares += area[f]! * area[f]!;
    }
    numbers[i] = (sum * sum) / squares;
  }
  writeSiteStatistics(numbers, 0, siteCount, out, offset);
}

/**
 * Spread of the bond lengths (weighted by face area) among the sites and around each site, and spread of the cell
 * volumes.
 */
function writeHeterogeneity(t: Tessellation, out: Float64Array, offset: number): void {
  const n = t.siteCount;
  const lengths = new Float64Array(n);
  const variations = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let [sum, total, deviation] = [0, 0, 0];
    for (let f = t.faceStart[i]!; f < t.faceStart[i + 1]!; f++) {
      sum += t.area[f]! * t.distance[f]!;
      total += t.area[f]!;
    }
    const mean = sum / total;
    for (let f = t.faceStart[i]!; f < t.faceStart[i + 1]!; f++) {
      deviation += t.area[f]! * Math.abs(t.distance[f]! - mean);
    }
    lengths[i] = mean;
    variations[i] = deviation / total / mean;
  }
  const meanLength = mean(lengths);
  let [greatest, least] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = 0; i < n; i++) {
    const relative = lengths[i]! / meanLength;
    lengths[i] = relative;
    greatest = Math.max(greatest, relative);
    least = Math.min(least, relative);
  }
  out[offset] = averageDeviation(lengths, 0, n, mean(lengths));
  out[offset + 1] = greatest;
  out[offset + 2] = least;
  writeSiteStatistics(variations, 0, n, out, offset + 3);
  const meanVolume = mean(t.volume);
  out[offset + 3 + SITE_STATISTICS.length] = averageDeviation(t.volume, 0, n, meanVolume) / meanVolume;
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** The fraction of space that spheres fill; each sphere touches the nearest face of its cell. */
function packingEfficiency({ siteCount, faceStart, distance }: Tessellation, volume: number): number {
  let cubes = 0;
  for (let i = 0; i < siteCount; i++) {
    let nearest = Number.POSITIVE_INFINITY;
    for (let f = faceStart[i]!; f < faceStart[i + 1]!; f++) nearest = Math.min(nearest, distance[f]!);
    cubes += (nearest / 2) ** 3;
  }
  return ((4 / 3) * Math.PI * cubes) / volume;
}

/**
 * Statistics, for each of 22 element properties p, of sum_n A_n |p_n - p_i| / sum_n A_n over the sites i. The face
 * areas are first summed by the neighbour's element, because a crystal has few elements and many faces.
 */
function writeLocalDifferences(
  t: Tessellation,
  types: Int32Array,
  atomicNumbers: Uint8Array,
  out: Float64Array,
  offset: number,
): void {
  const n = t.siteCount;
  const k = atomicNumbers.length;
  const share = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    let total = 0;
    for (let f = t.faceStart[i]!; f < t.faceStart[i + 1]!; f++) {
      const at = i * k + types[t.neighbor[f]!]!;
      share[at] = share[at]! + t.area[f]!;
      total += t.area[f]!;
    }
    for (let s = 0; s < k; s++) share[i * k + s] = share[i * k + s]! / total;
  }
  const differences = new Float64Array(n);
  for (let property = 0; property < MAGPIE_PROPERTIES.length; property++) {
    const row = property * ELEMENT_STRIDE;
    for (let i = 0; i < n; i++) {
      const own = MAGPIE_TABLE[row + atomicNumbers[types[i]!]!]!;
      let sum = 0;
      for (let s = 0; s < k; s++) sum += share[i * k + s]! * Math.abs(MAGPIE_TABLE[row + atomicNumbers[s]!]! - own);
      differences[i] = sum;
    }
    writeSiteStatistics(differences, 0, n, out, offset + property * SITE_STATISTICS.length);
  }
}
