import { hashedUniform } from '../../kernels/hashed-draw.ts';
import { expectedHypervolumeImprovement, paretoFront } from '../../kernels/hypervolume-improvement.ts';
import { logExpectedExcess, logIntervalProbability } from '../../kernels/normal-distribution.ts';
import type {
  ConfidenceBoundSettings,
  ExplorationSettings,
  ImprovementSettings,
  ParetoSettings,
  Ranges,
} from '../campaign/campaign-config.ts';
import type { AcquisitionContext, OfferedCandidate } from './offered-candidate.ts';
import { type Combination, scale, standardised, utility, weightedSum } from './utility.ts';

/** How good a candidate is: larger is better. */
type Score = (candidate: OfferedCandidate) => number;
/** Made once for all candidates of a round. */
export type RoundScore = (context: AcquisitionContext) => Score;

/** Members that agree exactly have no spread; a score must stay finite. In STDEVs of the labels. */
const SPREAD_MIN = 1e-9;

/** What a prediction of 0 counts for in a relative spread, in STDEVs of the labels; see `spreadScore`. */
const RELATIVE_FLOOR = 0.1;

/**
 * Largest disagreement: sum over targets of weight * STDEV / STDEV of the labels (Jo, Choi, Kim, Min, Fig. 6); with
 * `spread: relative` of weight * STDEV / (|mean| + 0.1 STDEV of the labels), about the STDEV of the logarithm.
 */
export function spreadScore({ spread }: Pick<ExplorationSettings, 'spread'>): RoundScore {
  return ({ weights, labelStandardDeviation }) =>
    ({ mean, standardDeviation }) =>
      weightedSum(weights, (t) => {
        const unit = scale(labelStandardDeviation[t]!);
        const relative = Math.abs(mean[t]!) + RELATIVE_FLOOR * unit;
        return standardDeviation[t]! / (spread === 'relative' ? relative : unit);
      });
}

/** The control: uniform in [0, 1) by SHA-256(seed, round, id), the same wherever the candidate lies. */
export const drawnScore: RoundScore =
  ({ seed, round }) =>
  ({ id }) =>
    hashedUniform('random-selection', [seed, round, id]);

/** Settings of the strategies that seek extreme values. */
interface Wanted {
  readonly goal?: 'min';
  readonly combine?: Combination;
}

/** The largest (or smallest) by prediction: the mean of the members' utilities. */
export function meanScore({ goal, combine }: Wanted): RoundScore {
  return (context) => utility(context, goal, combine).mean;
}

/**
 * Upper confidence bound: mean + beta * STDEV of the utility over the members.
 * Source: Srinivas, Krause, Kakade, Seeger, IEEE Trans. Inf. Theory 58 (2012) 3250, eq. 6, doi:10.1109/TIT.2011.2182033.
 */
export function confidenceBoundScore({ goal, combine, beta }: ConfidenceBoundSettings): RoundScore {
  return (context) => {
    const wanted = utility(context, goal, combine);
    return (candidate) => wanted.mean(candidate) + beta * wanted.spread(candidate);
  };
}

/**
 * Expected improvement over the best label, by how much on average (ei) or how likely (pi), if the members' utility is
 * normal: with z = (mean - best - xi) / STDEV, log(STDEV * (density(z) + z * distribution(z))), and z itself, which orders
 * as its probability does.
 * Source: Jones, Schonlau, Welch, J. Glob. Optim. 13 (1998) 455, eq. 15, doi:10.1023/A:1008306431147; Kushner, J. Basic Eng.
 * 86 (1964) 97, doi:10.1115/1.3653121. Logarithms: see normal-distribution.ts.
 */
export function improvementScore({ strategy, goal, combine, xi, constraints }: ImprovementSettings): RoundScore {
  return (context) => {
    const wanted = utility(context, goal, combine);
    return (candidate) => {
      const spread = Math.max(wanted.spread(candidate), SPREAD_MIN);
      const z = (wanted.mean(candidate) - wanted.best - xi) / spread;
      if (strategy === 'ei') return Math.log(spread) + logExpectedExcess(z);
      // Beside a constraint it must be the log of a probability, as that is.
      return constraints === undefined ? z : logIntervalProbability(-z, Number.POSITIVE_INFINITY);
    };
  };
}

/**
 * Good in two targets at once: log of the expected gain of the area under the front of the labels, if the members'
 * predictions are normal and the targets independent (hypervolume-improvement.ts). Targets count in STDEVs of the labels,
 * times their weight, above the labels' mean.
 */
export function paretoScore({ goal }: ParetoSettings): RoundScore {
  return (context) => {
    const { weights, labelled, labelStandardDeviation } = context;
    const sign = goal === 'min' ? -1 : 1;
    const at = (values: ArrayLike<number>, t: 0 | 1) => sign * weights[t]! * standardised(context, values[t]!, t);
    const labels = Array.from({ length: labelled.values.length / labelled.targets }, (_, row) =>
      labelled.values.subarray(row * labelled.targets, (row + 1) * labelled.targets),
    );
    const front = paretoFront(labels.map((values) => ({ x: at(values, 0), y: at(values, 1) })));
    const spread = (values: ArrayLike<number>, t: 0 | 1) =>
      Math.max((weights[t]! * values[t]!) / scale(labelStandardDeviation[t]!), SPREAD_MIN);
    return ({ mean, standardDeviation }) => {
      const pair = {
        mean: [at(mean, 0), at(mean, 1)],
        standardDeviation: [spread(standardDeviation, 0), spread(standardDeviation, 1)],
      } as const;
      return Math.log(Math.max(expectedHypervolumeImprovement(pair, front, { x: 0, y: 0 }), Number.MIN_VALUE));
    };
  };
}

/**
 * How likely all values lie within their limits, if the members' predictions are normal and the targets independent: the
 * sum over the targets of weight * log of the probability.
 */
export function rangeScore(ranges: Ranges, targets: readonly string[]): RoundScore {
  return ({ weights, labelStandardDeviation }) => {
    const counting = targets.map((target, t) => (ranges[target] === undefined ? 0 : weights[t]!));
    return ({ mean, standardDeviation }) =>
      weightedSum(counting, (t) => {
        const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY } = ranges[targets[t]!]!;
        const spread = Math.max(standardDeviation[t]!, SPREAD_MIN * scale(labelStandardDeviation[t]!));
        return logIntervalProbability((low - mean[t]!) / spread, (high - mean[t]!) / spread);
      });
  };
}

/**
 * A score plus the log of the probability that the constraints hold (weights play no part in it). Of ei, pi and pareto,
 * which are logarithms, it is the log of the product; of the others a penalty that is 0 where they surely hold.
 * Source: Schonlau, Welch, Jones, IMS Lect. Notes 34 (1998) 11, doi:10.1214/lnms/1215456182.
 */
export function constrained(
  score: RoundScore,
  constraints: Ranges | undefined,
  targets: readonly string[],
): RoundScore {
  if (constraints === undefined) return score;
  const holds = rangeScore(constraints, targets);
  return (context) => {
    const [own, logProbability] = [score(context), holds({ ...context, weights: targets.map(() => 1) })];
    return (candidate) => own(candidate) + logProbability(candidate);
  };
}
