import { momentsOf, standardDeviation } from '../../kernels/population-moments.ts';
import { type RegressionMetrics, regressionErrors, regressionMetrics } from '../../kernels/regression-errors.ts';
import type { MemberTrained } from '../../model/events.ts';
import type { MaterialFacts } from '../../model/material-facts.ts';
import type { Target } from '../../model/target.ts';
import type { Example } from '../data/material-catalogue.ts';
import type { Spread } from './paper-values.ts';

/** How well an ensemble predicts rows on which its members were not trained. */
export interface MemberMeasures {
  /** The number of materials that at least one member did not train on. */
  readonly materials: number;
  /** Each member on its own rows, then mean and population STDEV over the members: the paper's way. */
  readonly r2: Spread;
  readonly mae: Spread;
  /** Of each material the mean of the members that did not train on it. */
  readonly ensemble: RegressionMetrics;
}

export interface MeasuredEnsemble {
  readonly members: readonly MemberTrained[];
  /** In the order to which the members' held-out rows point. */
  readonly training: readonly Example[];
  /** Further rows on which no member trained, with every member's predictions: by target, then by member. */
  readonly unseen: {
    readonly rows: readonly Example[];
    readonly predictions: Readonly<Partial<Record<Target, readonly ArrayLike<number>[]>>>;
  };
}

/** @param isMeant which materials count */
export function measureMembers(
  { members, training, unseen }: MeasuredEnsemble,
  target: Target,
  isMeant: (facts: MaterialFacts) => boolean,
): MemberMeasures {
  const together = new Map<string, { actual: number; sum: number; count: number }>();
  const own = members.map((member, m) => {
    const trained = member.targets.find((one) => one.target === target)!;
    const seen = [
      ...Array.from(trained.heldOutRows, (row, i) => [training[row]!, trained.heldOutPredictions[i]!] as const),
      ...unseen.rows.map((row, i) => [row, unseen.predictions[target]![m]![i]!] as const),
    ].filter(([{ facts, label }]) => isMeant(facts) && label.values[target] !== undefined);
    for (const [{ facts, label }, predicted] of seen) {
      const row = together.get(facts.materialId) ?? { actual: label.values[target]!, sum: 0, count: 0 };
      together.set(facts.materialId, { ...row, sum: row.sum + predicted, count: row.count + 1 });
    }
    return metricsOf(
      seen.map(([, predicted]) => predicted),
      seen.map(([{ label }]) => label.values[target]!),
    );
  });
  const rows = [...together.values()];
  return {
    materials: rows.length,
    r2: spreadOf(own.map(({ r2 }) => r2)),
    mae: spreadOf(own.map(({ mae }) => mae)),
    ensemble: metricsOf(
      rows.map(({ sum, count }) => sum / count),
      rows.map(({ actual }) => actual),
    ),
  };
}

function metricsOf(predicted: readonly number[], actual: readonly number[]): RegressionMetrics {
  return regressionMetrics(regressionErrors(predicted, actual));
}

/** Of the members that have a value. */
function spreadOf(values: readonly number[]): Spread {
  const moments = momentsOf(values);
  if (moments.count === 0) return { mean: Number.NaN };
  return { mean: moments.mean, standardDeviation: standardDeviation(moments) };
}
