import { hashedUniform } from '../../kernels/hashed-draw.ts';
import { logExpectedExcess, logIntervalProbability } from '../../kernels/normal-distribution.ts';
import type { ConfidenceBoundSettings, ImprovementSettings, RangeSettings } from '../campaign/campaign-config.ts';
import type { AcquisitionContext, OfferedCandidate } from './offered-candidate.ts';
import { scale, utility, weightedSum } from './utility.ts';

/** How good a candidate is: larger is better. */
type Score = (candidate: OfferedCandidate) => number;
/** Made once for all candidates of a round. */
export type RoundScore = (context: AcquisitionContext) => Score;

/** Members that agree exactly have no spread; a score must stay finite. In STDEVs of the labels. */
const SPREAD_MIN = 1e-9;

/** Largest disagreement: sum over targets of weight * STDEV / STDEV of the labels (Jo, Choi, Kim, Min, Fig. 6). */
export const spreadScore: RoundScore =
  ({ weights, labelStandardDeviation }) =>
  ({ standardDeviation }) =>
    weightedSum(weights, (t) => standardDeviation[t]! / scale(labelStandardDeviation[t]!));

/** The control: uniform in [0, 1) by SHA-256(seed, round, id), the same wherever the candidate lies. */
export const drawnScore: RoundScore =
  ({ seed, round }) =>
  ({ id }) =>
    hashedUniform('random-selection', [seed, round, id]);

/** The largest (or smallest) by prediction: the utility of the means. */
export function meanScore(goal: 'min' | undefined): RoundScore {
  return (context) => {
    const wanted = utility(context, goal);
    return ({ mean }) => wanted.of(mean);
  };
}

/**
 * Upper confidence bound: mean + beta * STDEV of the utility over the members.
 * Source: Srinivas, Krause, Kakade, Seeger, IEEE Trans. Inf. Theory 58 (2012) 3250, eq. 6, doi:10.1109/TIT.2011.2182033.
 */
export function confidenceBoundScore({ goal, beta }: ConfidenceBoundSettings): RoundScore {
  return (context) => {
    const wanted = utility(context, goal);
    return ({ mean, spreadOf }) => wanted.of(mean) + beta * spreadOf(wanted.coefficients);
  };
}

/**
 * Expected improvement over the best label, by how much on average (ei) or how likely (pi), if the members' utility is
 * normal: with z = (mean - best - xi) / STDEV, log(STDEV * (density(z) + z * distribution(z))), and z itself, which orders
 * as its probability does.
 * Source: Jones, Schonlau, Welch, J. Glob. Optim. 13 (1998) 455, eq. 15, doi:10.1023/A:1008306431147; Kushner, J. Basic Eng.
 * 86 (1964) 97, doi:10.1115/1.3653121. Logarithms: see normal-distribution.ts.
 */
export function improvementScore({ strategy, goal, xi }: ImprovementSettings): RoundScore {
  return (context) => {
    const wanted = utility(context, goal);
    return ({ mean, spreadOf }) => {
      const spread = Math.max(spreadOf(wanted.coefficients), SPREAD_MIN);
      const z = (wanted.of(mean) - wanted.best - xi) / spread;
      return strategy === 'pi' ? z : Math.log(spread) + logExpectedExcess(z);
    };
  };
}

/**
 * How likely all values lie within their limits, if the members' predictions are normal and the targets independent: the
 * sum over the targets of weight * log of the probability.
 */
export function rangeScore({ ranges }: RangeSettings, targets: readonly string[]): RoundScore {
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
