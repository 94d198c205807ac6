import { atomicNumber } from '../../model/element-symbols.ts';
import { isNobleGas, isRadioactive } from '../../model/elements.ts';
import type { MaterialFacts } from '../../model/material-facts.ts';
import type { TargetValues } from '../../model/target.ts';

/** The reasons for dropping a labelled material or a candidate. They are part of the output: only add to them. */
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
  'not_positive',
] as const;
export type FilterReason = (typeof FILTER_REASONS)[number];

export interface DataFilters {
  readonly negativeModuli: boolean;
  /** Drops materials whose moduli both lie above these limits, as in the paper. */
  readonly aboveBothGpa?: { readonly g_vrh: number; readonly k_vrh: number };
  readonly inertGases: boolean;
  readonly radioactiveElements: boolean;
}

/** Rule 9 of the paper, that DFT does not converge, is the outcome of a calculation, not a filter. */
export interface CandidateFilters {
  readonly inertGases: boolean;
  readonly withoutStructureFeatures: boolean;
  readonly bandGapMinEv?: number;
  readonly formationEnergyMaxEvPerAtom?: number;
  readonly aboveHullMaxEvPerAtom?: number;
  /** The largest number of sites that is kept. */
  readonly sitesMax?: number;
  /** Keeps only the polymorph with the lowest formation energy of each reduced formula. */
  readonly polymorphs: boolean;
  /** Element symbols. The paper does not list its electrochemically active elements, so only these are dropped. */
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

/** The first reason to drop a labelled material, or undefined. */
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

/** Formation energy of the lowest polymorph by reduced formula, eV per atom; independent of the order of arrival. */
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
  /** Whether all its structure features are known. */
  readonly hasStructureFeatures: boolean;
}

/** The first reason to drop a candidate, or undefined. A rule about an unknown property drops nothing. */
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

/** How many materials each reason dropped, in the order of FILTER_REASONS; reasons with no drops are omitted. */
export function filterCounts(reasons: Iterable<FilterReason | undefined>): Partial<Record<FilterReason, number>> {
  const all = [...reasons];
  const counted = FILTER_REASONS.map((reason) => [reason, all.filter((other) => other === reason).length] as const);
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}
