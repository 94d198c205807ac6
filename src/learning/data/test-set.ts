import { hashedUniform } from '../../kernels/hashed-draw.ts';
import { atomicNumber } from '../../model/element-symbols.ts';
import { compareIds } from '../../model/id-order.ts';
import type { MaterialId } from '../../model/material-id.ts';
import type { Target } from '../../model/target.ts';
import { mustTrain, type SamplingModel } from '../ensemble/sampling-model.ts';

export interface LabelledMaterial {
  readonly id: MaterialId;
  readonly atomicNumbers: Uint8Array;
  /** GPa, in the order of the campaign's targets; NaN if unknown. */
  readonly values: ArrayLike<number>;
}

export interface TestSetSettings {
  readonly seed: number;
  readonly fraction: number;
  readonly model: SamplingModel;
  readonly targets: readonly Target[];
}

const STRATA_PER_TARGET = 10;

/**
 * The ids of the test set, ascending. They are drawn once at creation and do not depend on the order of the materials.
 * Models 1 and 2: the ids whose hash(seed, id) lies below the fraction, in Model 1 also all materials with the focus
 * element. Model 3: among the materials that need not train, the fraction of each stratum (decile of each target) with
 * the smallest hashes.
 */
export function chooseTestSet(labelled: readonly LabelledMaterial[], settings: TestSetSettings): MaterialId[] {
  const { model } = settings;
  if (model.model === 3) return stratified(labelled, settings).sort(compareIds);
  const focus = model.model === 1 ? atomicNumber(model.focusElement) : undefined;
  const chosen = labelled.filter(
    ({ id, atomicNumbers }) =>
      (focus !== undefined && atomicNumbers.includes(focus)) || testDraw(settings.seed, id) < settings.fraction,
  );
  return chosen.map(({ id }) => id).sort(compareIds);
}

/** Uniform in [0, 1). The draw of an id never changes, so later materials do not move others. */
function testDraw(seed: number, id: MaterialId): number {
  return hashedUniform('test-set', [seed, id]);
}

function stratified(labelled: readonly LabelledMaterial[], { seed, fraction, model, targets }: TestSetSettings) {
  const free = labelled.filter(({ values }) => !targets.some((target, t) => mustTrain(model, target, values[t]!)));
  const strata = new Float64Array(free.length);
  targets.forEach((_, t) => {
    const deciles = quantileBins(free.map(({ values }) => values[t]!));
    for (let i = 0; i < free.length; i++) strata[i] = strata[i]! * (STRATA_PER_TARGET + 1) + deciles[i]!;
  });
  const rows = free.map(({ id }, i) => ({ id, stratum: strata[i]!, draw: testDraw(seed, id) }));
  rows.sort((a, b) => a.stratum - b.stratum || a.draw - b.draw || compareIds(a.id, b.id));
  return smallestOfEachStratum(rows, fraction);
}

/** Takes from each stratum the number that the fraction owes so far. Remainders carry over, so small strata count. */
function smallestOfEachStratum(rows: readonly { id: MaterialId; stratum: number }[], fraction: number): MaterialId[] {
  const chosen: MaterialId[] = [];
  for (let from = 0; from < rows.length; ) {
    let to = from;
    while (to < rows.length && rows[to]!.stratum === rows[from]!.stratum) to++;
    const owed = Math.min(Math.round(fraction * to) - chosen.length, to - from);
    for (let i = from; i < from + owed; i++) chosen.push(rows[i]!.id);
    from = to;
  }
  return chosen;
}

/** The decile of each value, 0 to 9; equal values are in the same decile, unknown values get 10. */
function quantileBins(values: readonly number[]): Int32Array {
  const known = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  const edges = Array.from(
    { length: STRATA_PER_TARGET - 1 },
    (_, i) => known[Math.floor(((i + 1) * known.length) / STRATA_PER_TARGET)]!,
  );
  return Int32Array.from(values, (value) =>
    Number.isNaN(value) ? STRATA_PER_TARGET : edges.filter((edge) => edge <= value).length,
  );
}
