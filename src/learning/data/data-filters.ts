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

/** One of the criteria of candidates. */
interface Criterion {
  readonly reason: FilterReason;
  /** Whether the campaign asks for it. */
  readonly isOn: boolean;
  /** Whether it drops a candidate; undefined where what it asks about is not known, which drops nothing. */
  drops(candidate: Candidate, lowest: ReadonlyMap<string, number>): boolean | undefined;
}

const criteriaOf = new WeakMap<CandidateFilters, readonly Criterion[]>();

/** Those that the campaign asks for; made once, because pools are large. */
function criteria(filters: CandidateFilters): readonly Criterion[] {
  const known = criteriaOf.get(filters);
  if (known !== undefined) return known;
  const made = allCriteria(filters).filter(({ isOn }) => isOn);
  criteriaOf.set(filters, made);
  return made;
}

/** Criteria 1 to 8 of the paper, in its order. */
function allCriteria(filters: CandidateFilters): Criterion[] {
  const active = filters.activeElements.map(atomicNumber);
  const { bandGapMinEv, formationEnergyMaxEvPerAtom, aboveHullMaxEvPerAtom, sitesMax } = filters;
  /** Whether a limit is passed; undefined where either is not known. */
  const above = (value: number | undefined, max: number | undefined) =>
    value === undefined || max === undefined ? undefined : value > max;
  return [
    { reason: 'inert_gas', isOn: filters.inertGases, drops: ({ facts }) => facts.elements.some(isNobleGas) },
    {
      reason: 'no_structure_features',
      isOn: filters.withoutStructureFeatures,
      drops: ({ hasStructureFeatures }) => !hasStructureFeatures,
    },
    {
      reason: 'small_band_gap',
      isOn: bandGapMinEv !== undefined,
      drops: ({ facts }) => above(bandGapMinEv, facts.bandGap),
    },
    {
      reason: 'positive_formation_energy',
      isOn: formationEnergyMaxEvPerAtom !== undefined,
      drops: ({ facts }) => above(facts.formationEnergyPerAtom, formationEnergyMaxEvPerAtom),
    },
    {
      reason: 'above_hull',
      isOn: aboveHullMaxEvPerAtom !== undefined,
      drops: ({ facts }) => above(facts.energyAboveHull, aboveHullMaxEvPerAtom),
    },
    { reason: 'many_sites', isOn: sitesMax !== undefined, drops: ({ facts }) => above(facts.siteCount, sitesMax) },
    {
      reason: 'above_polymorph',
      isOn: filters.polymorphs,
      drops: ({ facts }, lowest) => above(facts.formationEnergyPerAtom, lowest.get(facts.reducedFormula)),
    },
    {
      reason: 'electrochemically_active',
      isOn: active.length > 0,
      drops: ({ facts }) => facts.elements.some((z) => active.includes(z)),
    },
  ];
}

/** The first reason to drop a candidate, or undefined. A rule about an unknown property drops nothing. */
export function candidateFilterReason(
  candidate: Candidate,
  filters: CandidateFilters,
  lowest: ReadonlyMap<string, number>,
): FilterReason | undefined {
  return criteria(filters).find(({ drops }) => drops(candidate, lowest) === true)?.reason;
}

/** What a criterion did to the candidates that the ones before it had left. */
export interface CriterionCount {
  readonly criterion: FilterReason;
  readonly removed: number;
  /** Of those that stayed: how many lack what it asks about. */
  readonly notJudged: number;
}

/** Of every criterion that the campaign asks for, in the order in which they are applied. */
export function criterionCounts(
  candidates: readonly Candidate[],
  filters: CandidateFilters,
  lowest: ReadonlyMap<string, number>,
): CriterionCount[] {
  let left = candidates;
  return criteria(filters).map(({ reason, drops }) => {
    const judged = left.map((candidate) => drops(candidate, lowest));
    const removed = judged.filter((dropped) => dropped === true).length;
    const notJudged = judged.filter((dropped) => dropped === undefined).length;
    left = left.filter((_, i) => judged[i] !== true);
    return { criterion: reason, removed, notJudged };
  });
}

/** How many materials each reason dropped, in the order of FILTER_REASONS; reasons with no drops are omitted. */
export function filterCounts(reasons: Iterable<FilterReason | undefined>): Partial<Record<FilterReason, number>> {
  const all = [...reasons];
  const counted = FILTER_REASONS.map((reason) => [reason, all.filter((other) => other === reason).length] as const);
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}
