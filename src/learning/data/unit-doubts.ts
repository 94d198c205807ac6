import { MAGPIE_PROPERTIES } from '../../model/elements/magpie-properties.ts';
import { ELEMENT_STRIDE, MAGPIE_TABLE } from '../../model/elements.ts';
import { type LengthUnit, type ModulusUnit, toGigapascal } from '../../model/input-units.ts';
import type { Structure } from '../../model/structure.ts';
import { MODULI, type Modulus, type TargetValues } from '../../model/target.ts';
import { targetWords } from '../../model/target-words.ts';

/** How the numbers of a column lie. */
interface Spread {
  readonly count: number;
  readonly median: number;
  /** 19 of 20 numbers are at most this. */
  readonly upper: number;
}

export interface DataSummary {
  /** As they stand in the data. */
  readonly moduli: Readonly<Partial<Record<Modulus, Spread>>>;
  /** Volumes per atom over those of the pure elements. */
  readonly volumes?: Spread;
}

/** Undefined without a finite number. */
function spreadOf(values: Iterable<number>): Spread | undefined {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  const at = (fraction: number) => sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))]!;
  return sorted.length === 0 ? undefined : { count: sorted.length, median: at(0.5), upper: at(0.95) };
}

/** Gathers a summary row by row, 24 bytes each. */
export interface SummaryGatherer {
  add(row: { readonly structure?: Structure; readonly values?: TargetValues }): void;
  summary(): DataSummary;
}

export function createSummaryGatherer(): SummaryGatherer {
  const moduli = new Map<Modulus, number[]>(MODULI.map((target) => [target, []]));
  const volumes: number[] = [];
  return {
    add({ structure, values }) {
      for (const target of MODULI) if (values?.[target] !== undefined) moduli.get(target)!.push(values[target]);
      if (structure) volumes.push(volumeRatio(structure));
    },
    summary() {
      const known = MODULI.flatMap((target) => {
        const spread = spreadOf(moduli.get(target)!);
        return spread ? [[target, spread] as const] : [];
      });
      const spread = spreadOf(volumes);
      return { moduli: Object.fromEntries(known), ...(spread && { volumes: spread }) };
    },
  };
}

/** The cell's volume over the sum of what its atoms take in their pure elements. */
function volumeRatio({ lattice, atomicNumbers }: Structure): number {
  return lattice.volume / atomicNumbers.reduce((sum, z) => sum + MAGPIE_TABLE[ELEMENT_VOLUMES + z]!, 0);
}

/** Where the volumes per atom of the elements' ground states begin, Angstrom^3. */
const ELEMENT_VOLUMES = MAGPIE_PROPERTIES.findIndex(({ name }) => name === 'GSvolume_pa') * ELEMENT_STRIDE;

/** Why a data set is not taken as it stands. */
export interface UnitDoubt {
  readonly quantity: Modulus | 'lattice';
  /** The unit that the numbers have, as it seems. */
  readonly looksLike: ModulusUnit | LengthUnit;
  /** One sentence: the evidence. */
  readonly message: string;
}

/**
 * Medians above these are no GPa: of all known solids fewer than one in a hundred is as stiff. Between them and the
 * next, numbers are kbar, then MPa, then Pa.
 */
const GPA_MEDIAN_MAX = 250;
const KBAR_MEDIAN_MAX = 1e4;
const MPA_MEDIAN_MAX = 1e7;
/** Diamond has 443 (K) and 535 (G): where one in twenty is stiffer, it is not GPa either. */
const GPA_UPPER_MAX = 600;
/** Where 19 of 20 are below it, numbers are logarithms or eV/Angstrom^3: solid neon has K = 1, ice 9, sodium 7. */
const GPA_UPPER_MIN = 3.5;
/** log10 of moduli: half of them lie above 10 GPa, and the stiffest are not far above the median. */
const LOG_MEDIAN_MIN = 1;
const LOG_UPPER_PER_MEDIAN = 2;
/** Too few numbers say nothing against a unit that is possible. */
const COUNT_MIN = 5;
/**
 * Solids have 0.4 to 2 times the volume of their elements, molecular crystals and frameworks up to 3. Bohr read as
 * Angstrom make it 6.7 times as large, nm 1,000 times as small.
 */
const VOLUME_RATIO = { nmMax: 0.05, bohrMin: 3.5 };

/**
 * What speaks against GPa and Angstrom in a data set.
 *
 * Method: medians and 95th percentiles against what solids have; single outliers are the gate's business, not this one's.
 */
export function unitDoubts({ moduli, volumes }: DataSummary): UnitDoubt[] {
  const doubts: UnitDoubt[] = MODULI.flatMap((target) => {
    const spread = moduli[target];
    const looksLike = spread && modulusUnit(spread);
    if (!looksLike || looksLike === 'GPa') return [];
    const { name } = targetWords(target);
    const seen = `half of ${spread.count} values of ${target} are above ${text(spread.median)}, and 1 in 20 above ${text(spread.upper)}`;
    const inGpa = text(toGigapascal(spread.median, looksLike));
    return [{ quantity: target, looksLike, message: `${seen}: as ${looksLike} the median ${name} is ${inGpa} GPa` }];
  });
  const length = volumes && lengthUnit(volumes);
  if (length) {
    const seen = `half of ${volumes.count} cells have over ${text(volumes.median)} times the volume of their elements`;
    doubts.push({ quantity: 'lattice', looksLike: length, message: `${seen}: the lengths look like ${length}` });
  }
  return doubts;
}

function modulusUnit({ count, median, upper }: Spread): ModulusUnit {
  if (median > MPA_MEDIAN_MAX) return 'Pa';
  if (median > KBAR_MEDIAN_MAX) return 'MPa';
  if (count < COUNT_MIN) return 'GPa';
  if (median > GPA_MEDIAN_MAX || upper > GPA_UPPER_MAX) return 'kbar';
  if (upper >= GPA_UPPER_MIN || median <= 0) return 'GPa';
  return median >= LOG_MEDIAN_MIN && upper <= LOG_UPPER_PER_MEDIAN * median ? 'log10(GPa)' : 'eV/A^3';
}

function lengthUnit({ count, median }: Spread): 'nm' | 'Bohr' | undefined {
  if (median < VOLUME_RATIO.nmMax) return 'nm';
  return count >= COUNT_MIN && median > VOLUME_RATIO.bohrMin ? 'Bohr' : undefined;
}

function text(value: number): string {
  return String(Number(value.toPrecision(3)));
}
