import { atomicNumber } from '../../model/element-symbols.ts';
import type { MaterialFacts } from '../../model/material-facts.ts';
import type { MaterialId } from '../../model/material-id.ts';
import type { Target } from '../../model/target.ts';
import type { CampaignConfig } from '../campaign/campaign-config.ts';
import type { Example } from '../data/material-catalogue.ts';
import type { RowPredictions } from '../ensemble/predict-rows.ts';
import { createTrainingDomain, type DomainFinding } from '../ensemble/training-domain.ts';
import type { MeasuredSubset } from './uncertainty-metrics.ts';

/** A prediction beside what is known, in the order of the campaign's targets. */
export interface MeasuredRow {
  readonly materialId: MaterialId;
  readonly subset: MeasuredSubset;
  /** The part of all materials that is calibrated apart: see `groupsOf`. Empty if it is not known. */
  readonly group: string;
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
  /** NaN where not known. */
  readonly actual: readonly number[];
}

export const INSIDE_DOMAIN = 'inside';
export const OUTSIDE_DOMAIN = 'outside';

/**
 * Tells to which group a material belongs: those that hold the reserve's focus element, and of the others those inside
 * and those outside the training domain. Every material is in one group, and the known value plays no part: what
 * calibration per group needs.
 */
export function groupsOf(
  { reserve }: Pick<CampaignConfig, 'reserve'>,
  domainOf: (elements: Iterable<number>, vector: Float64Array) => Pick<DomainFinding, 'isOutside'>,
): (facts: Pick<MaterialFacts, 'elements'>, vector: Float64Array) => string {
  const focus = reserve?.focusElement;
  const z = focus === undefined ? undefined : atomicNumber(focus);
  return ({ elements }, vector) => {
    if (focus !== undefined && z !== undefined && elements.includes(z)) return focus;
    return domainOf(elements, vector).isOutside ? OUTSIDE_DOMAIN : INSIDE_DOMAIN;
  };
}

/** The same for a round that trains on these rows. */
export function trainingGroups(
  config: Pick<CampaignConfig, 'reserve'>,
  training: readonly Example[],
  columns: Int32Array,
): ReturnType<typeof groupsOf> {
  return groupsOf(config, createTrainingDomain(training, columns));
}

/** Labelled rows with what a round's models predict for them. */
export function measuredRows(
  subset: MeasuredSubset,
  examples: readonly Example[],
  { mean, standardDeviation }: Pick<RowPredictions, 'mean' | 'standardDeviation'>,
  { targets, groupOf }: { readonly targets: readonly Target[]; readonly groupOf: ReturnType<typeof groupsOf> },
): MeasuredRow[] {
  return examples.map(({ facts, vector, label }, row) => ({
    materialId: facts.materialId,
    subset,
    group: groupOf(facts, vector),
    mean: mean.map((column) => column[row]!),
    standardDeviation: standardDeviation.map((column) => column[row]!),
    actual: knownValues(label.values, targets),
  }));
}

export function knownValues(values: Example['label']['values'], targets: readonly Target[]): number[] {
  return targets.map((target) => values[target] ?? Number.NaN);
}
