import { atomicNumber } from '../../model/element-symbols.ts';
import { isNobleGas, isRadioactive } from '../../model/elements.ts';
import type { MaterialFacts } from '../../model/material-facts.ts';
import type { TargetValues } from '../../model/target.ts';

/** Why a labelled material or a candidate was left out. Part of the output format: only ever added to. */
const FILTER_REASONS = [
  'no_target',
  'negative_modulus',
  'moduli_above_limits',
  'inert_gas',
  'radioactive_element',
  'no_structure_features',
  'small_band_gap',
  'positive_formation_energy',
  'above_hull',
  'many_sites',
  'above_polymorph',
  'electrochemically_active',
  'other_unit',
] as const;
export type FilterReason = (typeof FILTER_REASONS)[number];

export interface DataFilters {
  readonly negativeModuli: boolean;
  /** Dropped where both moduli lie above their limits, as the paper has it. */
  readonly aboveBothGpa?: { readonly g_vrh: number; readonly k_vrh: number };
  readonly inertGases: boolean;
  readonly radioactiveElements: boolean;
}

/** Rule 9 of the paper, that DFT does not converge, is an outcome of a calculation and no filter. */
export interface CandidateFilters {
  readonly inertGases: boolean;
  readonly withoutStructureFeatures: boolean;
  readonly bandGapMinEv?: number;
  readonly formationEnergyMaxEvPerAtom?: number;
  readonly aboveHullMaxEvPerAtom?: number;
  /** The largest number of sites that stays. */
  readonly sitesMax?: number;
  /** Drops all but the lowest of each reduced formula's polymorphs in formation energy. */
  readonly polymorphs: boolean;
  /** Symbols; the paper does not list its electrochemically active elements, so none are dropped unless named. */
  readonly activeElements: readonly string[];
}

export const PAPER_DATA_FILTERS: DataFilters = {
  negativeModuli: true,
  aboveBothGpa: { g_vrh: 700, k_vrh: 500 },
  inertGases: true,
  radioactiveElements: true,
};

export const PAPER_CANDIDATE_FILTERS: CandidateFilters = {
  inertGases: true,
  withoutStructureFeatures: true,
  bandGapMinEv: 0.1,
  formationEnergyMaxEvPerAtom: 0,
  aboveHullMaxEvPerAtom: 0.1,
  sitesMax: 49,
  polymorphs: true,
  activeElements: [],
};

/** The first reason to leave a labelled material out, or undefined. */
export function dataFilterReason(
  elements: Uint8Array,
  values: TargetValues,
  filters: DataFilters,
): FilterReason | undefined {
  const { g_vrh: g, k_vrh: k } = values;
  const limits = filters.aboveBothGpa;
  if (filters.negativeModuli && ((g ?? 0) < 0 || (k ?? 0) < 0)) return 'negative_modulus';
  if (limits !== undefined && (g ?? 0) > limits.g_vrh && (k ?? 0) > limits.k_vrh) return 'moduli_above_limits';
  if (filters.inertGases && elements.some(isNobleGas)) return 'inert_gas';
  if (filters.radioactiveElements && elements.some(isRadioactive)) return 'radioactive_element';
  return undefined;
}

/** Formation energies of the lowest polymorph by reduced formula, eV per atom; the same for any order of arrival. */
export function lowestPolymorphs(materials: Iterable<MaterialFacts>): Map<string, number> {
  const lowest = new Map<string, number>();
  for (const { reducedFormula, formationEnergyPerAtom: energy } of materials) {
    if (energy === undefined) continue;
    lowest.set(reducedFormula, Math.min(energy, lowest.get(reducedFormula) ?? energy));
  }
  return lowest;
}

export interface Candidate {
  readonly facts: MaterialFacts;
  /** Whether all of its structure features are known. */
  readonly hasStructureFeatures: boolean;
}

/** The first reason to leave a candidate out, or undefined. A rule on a property that is not known drops nothing. */
export function candidateFilterReason(
  { facts, hasStructureFeatures }: Candidate,
  filters: CandidateFilters,
  lowest: ReadonlyMap<string, number>,
): FilterReason | undefined {
  const { elements, bandGap, formationEnergyPerAtom: energy, energyAboveHull } = facts;
  const above = (value: number | undefined, max: number | undefined) =>
    value !== undefined && value > (max ?? Infinity);
  const active = filters.activeElements.map(atomicNumber);
  if (filters.inertGases && elements.some(isNobleGas)) return 'inert_gas';
  if (filters.withoutStructureFeatures && !hasStructureFeatures) return 'no_structure_features';
  if (bandGap !== undefined && bandGap < (filters.bandGapMinEv ?? -Infinity)) return 'small_band_gap';
  if (above(energy, filters.formationEnergyMaxEvPerAtom)) return 'positive_formation_energy';
  if (above(energyAboveHull, filters.aboveHullMaxEvPerAtom)) return 'above_hull';
  if (above(facts.siteCount, filters.sitesMax)) return 'many_sites';
  if (filters.polymorphs && above(energy, lowest.get(facts.reducedFormula))) return 'above_polymorph';
  if (elements.some((z) => active.includes(z))) return 'electrochemically_active';
  return undefined;
}

/** How many each reason dropped, in the order of FILTER_REASONS; reasons that dropped nothing are left out. */
export function filterCounts(reasons: Iterable<FilterReason | undefined>): Partial<Record<FilterReason, number>> {
  const all = [...reasons];
  const counted = FILTER_REASONS.map((reason) => [reason, all.filter((other) => other === reason).length] as const);
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}
