import { hashedUniform } from '../../kernels/hashed-draw.ts';
import { atomicNumber } from '../../model/element-symbols.ts';
import { compareIds } from '../../model/id-order.ts';
import { acceptedLabel } from '../../model/label.ts';
import type { MaterialId } from '../../model/material-id.ts';
import { unitOf } from '../../model/target.ts';
import { type CampaignConfig, type CandidateSource, definitionOf } from '../campaign/campaign-config.ts';
import type { CampaignCreated } from '../campaign/campaign-events.ts';
import { hasNoLogarithm } from '../ensemble/learned-scale.ts';
import {
  type CriterionCount,
  candidateFilterReason,
  criterionCounts,
  dataFilterReason,
  type FilterReason,
  filterCounts,
  lowestPolymorphs,
} from './data-filters.ts';
import { counts, type DataReading, ON_TIME } from './data-reading.ts';
import type { Example, MaterialCatalogue, MaterialVersion } from './material-catalogue.ts';
import { chooseReserve, smallestDraws } from './reserve.ts';
import { chooseTestSet } from './test-set.ts';

/** The label set of the labels that a campaign reveals itself. */
export function campaignLabelSet(campaign: string): string {
  return `campaign:${campaign}`;
}

/**
 * The data that a campaign's sources fix for its whole life. They are computed from completed sources only, so they are
 * the same in every round and on every node, whatever has been added to the log since.
 */
export interface FrozenData {
  readonly reading: DataReading;
  readonly testSet: ReadonlySet<MaterialId>;
  /** A random part of the data that only calibrates the uncertainty. */
  readonly reserve: ReadonlySet<MaterialId>;
  /** Labelled materials whose labels are hidden: the candidates, if they are taken from the data. */
  readonly hidden: ReadonlySet<MaterialId>;
  /** Formation energies of the lowest polymorphs among the candidates, if that filter is on. */
  readonly lowest: ReadonlyMap<string, number>;
  /** The number of accepted labels before and after the data filters. */
  readonly labelled: number;
  readonly kept: number;
  /** The number of labels and candidates that each filter dropped. */
  readonly dropped: {
    readonly data: Partial<Record<FilterReason, number>>;
    readonly candidates: Partial<Record<FilterReason, number>>;
  };
  /** What each of the candidate filters removed, and what it could not judge. */
  readonly criteria: readonly CriterionCount[];
}

/** @param created its sources are those of the data, then those of the candidates */
export function freezeData(
  { config, sources }: CampaignCreated,
  catalogue: MaterialCatalogue,
  reading: DataReading = ON_TIME,
): FrozenData {
  const dataSources = new Set(sources.slice(0, config.data.length));
  const labelled = catalogue.examples().flatMap(([, examples]) => {
    const ours = examples.filter((one) => dataSources.has(one.source) && counts(reading, 'examples', one));
    return acceptedExample(ours, config.labels) ?? [];
  });
  const reasons = labelled.map((example) => filterReason(example, config));
  const kept = labelled.filter((_, i) => reasons[i] === undefined);
  const rows = kept.map(({ facts, label }) => ({
    id: facts.materialId,
    atomicNumbers: facts.elements,
    values: config.targets.map((target) => label.values[target] ?? Number.NaN),
  }));
  const { seed, sampling, targets } = config;
  const settings = { seed, targets, fraction: sampling.testFraction, model: sampling.model };
  const testSet = new Set(chooseTestSet(rows, settings));
  const free = kept.filter(({ facts }) => !testSet.has(facts.materialId));
  const universe = config.candidates.from === 'data' ? free : candidateVersions(config, sources, catalogue, reading);
  const lowest = config.candidateFilters.polymorphs
    ? lowestPolymorphs(universe.map(({ facts }) => facts))
    : new Map<string, number>();
  const refused = universe.map((version) => refusalReason(version, config, lowest));
  const eligible = universe.filter((_, i) => refused[i] === undefined).map(({ facts }) => facts);
  const hidden = config.candidates.from === 'data' ? drawn(eligible, config.candidates, seed) : [];
  const labelledFree = config.candidates.from === 'data' ? hidden : free.map(({ facts }) => facts.materialId);
  const reserve = new Set(chooseReserve(labelledFree, config.reserve, seed));
  return {
    reading,
    testSet,
    reserve,
    hidden: new Set(hidden.filter((id) => !reserve.has(id))),
    lowest,
    labelled: labelled.length,
    kept: kept.length,
    dropped: { data: filterCounts(reasons), candidates: filterCounts(refused) },
    criteria: criterionCounts(universe, config.candidateFilters, lowest),
  };
}

/** The candidates with the smallest hash(seed, id), so that one more material replaces at most one other. */
function drawn(
  eligible: readonly MaterialVersion['facts'][],
  source: CandidateSource & { from: 'data' },
  seed: number,
): MaterialId[] {
  const holds = (symbol: string, { elements }: MaterialVersion['facts']) => elements.includes(atomicNumber(symbol)!);
  const withElement = eligible.filter((facts) => source.element === undefined || holds(source.element, facts));
  const count = 'count' in source ? source.count : Math.round(source.fraction * withElement.length);
  const isFirst = (facts: MaterialVersion['facts']) => source.first !== undefined && holds(source.first, facts);
  const draw = (facts: typeof eligible, most: number) =>
    smallestDraws(
      facts.map(({ materialId }) => materialId),
      most,
      (id) => hashedUniform('candidates', [seed, id]),
    );
  const first = draw(withElement.filter(isFirst), count);
  return [
    ...first,
    ...draw(
      withElement.filter((facts) => !isFirst(facts)),
      count - first.length,
    ),
  ];
}

/** One version per material of the candidate sources, ids ascending; of several, the one with the smallest hash. */
export function candidateVersions(
  config: CampaignConfig,
  sources: readonly string[],
  catalogue: MaterialCatalogue,
  reading: DataReading,
): MaterialVersion[] {
  const candidateSources = new Set(sources.slice(config.data.length));
  return catalogue.versions().flatMap(([, versions]) => {
    const ours = versions.filter((one) => candidateSources.has(one.source) && counts(reading, 'features', one));
    return ours.sort((a, b) => compareIds(a.facts.materialHash, b.facts.materialHash))[0] ?? [];
  });
}

/** Among the examples of one material, the one whose label counts. */
export function acceptedExample(examples: readonly Example[], accepted: CampaignConfig['labels']): Example | undefined {
  const label = acceptedLabel(
    examples.map((example) => example.label),
    accepted,
  );
  if (label === undefined) return undefined;
  const same = examples.filter((example) => example.label.id === label.id);
  return same.sort((a, b) => compareIds(a.featuresHash, b.featuresHash))[0];
}

/**
 * The reason why a material is no candidate: a candidate filter, or a data filter that would drop its label whatever
 * its values.
 */
export function refusalReason(
  version: MaterialVersion,
  { candidateFilters, dataFilters }: CampaignConfig,
  lowest: FrozenData['lowest'],
): FilterReason | undefined {
  const { elements } = version.facts;
  return candidateFilterReason(version, candidateFilters, lowest) ?? dataFilterReason(elements, {}, dataFilters);
}

/** The reason why a campaign drops a label: a data filter, no value of a target, one in another unit, or one without logarithm. */
export function filterReason({ facts, label }: Example, config: CampaignConfig) {
  const { dataFilters, targets } = config;
  const known = targets.filter((target) => label.values[target] !== undefined);
  if (known.length === 0) return 'no_target';
  if (known.some((target) => unitOf(label, target) !== definitionOf(config, target).unit)) return 'other_unit';
  const own = dataFilterReason(facts.elements, label.values, dataFilters);
  if (own !== undefined) return own;
  const unlearned = known.some((target) =>
    hasNoLogarithm(label.values[target]!, definitionOf(config, target).transform),
  );
  return unlearned ? 'not_positive' : undefined;
}
