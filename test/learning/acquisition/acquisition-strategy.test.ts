import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashedUniform } from '../../../src/kernels/hashed-draw.ts';
import { byScore, strategyOf } from '../../../src/learning/acquisition/acquisition-strategy.ts';
import type { AcquisitionStrategy, AnsweredCandidate } from '../../../src/learning/acquisition/batch-choice.ts';
import type {
  AcquisitionContext,
  OfferedCandidate,
  PredictedCandidate,
} from '../../../src/learning/acquisition/offered-candidate.ts';
import type { AcquisitionSettings, StrategyName } from '../../../src/learning/campaign/campaign-config.ts';
import type { MaterialId } from '../../../src/model/material-id.ts';

const context: AcquisitionContext = {
  seed: 1,
  round: 3,
  weights: [1, 1],
  labelMean: [50, 100],
  labelStandardDeviation: [40, 80],
  labelled: { targets: 2, values: Float64Array.of(130, 180, 10, 20, 900, Number.NaN) },
};
const candidate = offered({ id: 'mp-1' as MaterialId, mean: [90, 60], standardDeviation: [4, 16] });

/** A candidate of two members that differ in the same direction for all targets. */
function offered(predicted: PredictedCandidate): OfferedCandidate {
  const spreadOf = (coefficients: ArrayLike<number>) =>
    Math.abs(Array.from(coefficients).reduce((sum, c, t) => sum + c * predicted.standardDeviation[t]!, 0));
  const predictedBy = (member: number) =>
    Array.from(predicted.mean, (mean, t) => mean + (member === 0 ? -1 : 1) * predicted.standardDeviation[t]!);
  return { ...predicted, spreadOf, members: 2, predictedBy };
}

const SETTINGS: Readonly<Record<StrategyName, object>> = {
  ...{ exploration: {}, random: {}, greedy: {}, ucb: { beta: 2 }, ei: { xi: 0 }, pi: { xi: 0.1 } },
  ...{ thompson: {}, pareto: {} },
  range: { ranges: { g_vrh: { low: 80, high: 120 }, k_vrh: { low: 55 } } },
};
const strategy = (kind: StrategyName, others: object = {}) =>
  strategyOf({
    targets: ['g_vrh', 'k_vrh'],
    acquisition: { strategy: kind, batch: 5, weights: {}, ...SETTINGS[kind], ...others } as AcquisitionSettings,
  });

function scoreOf(kind: StrategyName, of: OfferedCandidate, within = context, others: object = {}): number {
  const answer = strategy(kind, others).answer(1, within);
  answer.offer(of);
  return answer.best()[0]!.score;
}

describe('exploration', () => {
  it('sums the relative STDEV over the targets', () => {
    expect(scoreOf('exploration', candidate, context)).toBeCloseTo(4 / 40 + 16 / 80, 15);
  });

  it('weighs the targets', () => expect(scoreOf('exploration', candidate, { ...context, weights: [2, 0] })).toBe(0.2));

  it('stays finite where the labels do not vary', () => {
    expect(scoreOf('exploration', candidate, { ...context, labelStandardDeviation: [0, Number.NaN] })).toBe(20);
  });
});

describe('exploration with a relative spread', () => {
  it('sums STDEV / (|mean| + 0.1 STDEV of the labels)', () =>
    expect(scoreOf('exploration', candidate, context, { spread: 'relative' })).toBeCloseTo(4 / 94 + 16 / 68, 15));

  it('stays finite where nothing is predicted', () => {
    const nothing = offered({ ...candidate, mean: [0, -60] });
    expect(scoreOf('exploration', nothing, context, { spread: 'relative' })).toBeCloseTo(4 / 4 + 16 / 68, 15);
  });
});

describe('greedy', () => {
  it('sums the standardised means', () => expect(scoreOf('greedy', candidate, context)).toBe(1 - 0.5));
});

describe('strategies that seek extreme values', () => {
  // In standardised units: mean 1 - 0.5, spread 4 / 40 + 16 / 80, and the best label (130 - 50) / 40 + (180 - 100) / 80.
  const [mean, spread, best] = [0.5, 0.3, 3];
  const minimal = { goal: 'min' };

  it('greedy with goal: min turns the order round', () =>
    expect(scoreOf('greedy', candidate, context, minimal)).toBe(-mean));

  it('ucb adds beta times the spread, whichever way it seeks', () => {
    expect(scoreOf('ucb', candidate)).toBeCloseTo(mean + 2 * spread, 12);
    expect(scoreOf('ucb', candidate, context, minimal)).toBeCloseTo(-mean + 2 * spread, 12);
  });

  it('ei is the log of the expected improvement over the best label, by numerical integration', () => {
    const integral = (to: number, from: number) => {
      let sum = 0;
      const step = 1e-4;
      for (let z = -12; z < 12; z += step) {
        const gain = to + spread * z - from;
        if (gain > 0) sum += (gain * Math.exp(-0.5 * z * z) * step) / Math.sqrt(2 * Math.PI);
      }
      return Math.log(sum);
    };
    expect(scoreOf('ei', candidate)).toBeCloseTo(integral(mean, best), 3);
    expect(scoreOf('ei', candidate, context, { xi: 0.2 })).toBeCloseTo(integral(mean, best + 0.2), 3);
    // The smallest label is (10 - 50) / 40 + (20 - 100) / 80.
    expect(scoreOf('ei', candidate, context, minimal)).toBeCloseTo(integral(-mean, 2), 3);
  });

  it('pi is how many STDEVs the mean lies above the best label and the margin', () =>
    expect(scoreOf('pi', candidate)).toBeCloseTo((mean - best - 0.1) / spread, 12));

  it('without a label that knows all targets the mean of the labels is to be improved', () => {
    const labelled = { targets: 2, values: Float64Array.of(900, Number.NaN) };
    expect(scoreOf('pi', candidate, { ...context, labelled })).toBeCloseTo((mean - 0.1) / spread, 12);
    const oneTarget = { ...context, labelled, weights: [1, 0] };
    expect(scoreOf('pi', candidate, oneTarget)).toBeCloseTo((1 - 21.25 - 0.1) / 0.1, 9);
  });

  it('with combine: max the largest standardised target counts, of each member its own', () => {
    // The members say (86 - 50) / 40 = 0.9 and (94 - 50) / 40 = 1.1; of bulk moduli -0.7 and -0.3.
    const largest = { combine: 'max' };
    expect(scoreOf('greedy', candidate, context, largest)).toBeCloseTo(1, 12);
    expect(scoreOf('ucb', candidate, context, largest)).toBeCloseTo(1 + 2 * 0.1, 12);
    // Smallest wanted: -0.9 and -1.1, 0.7 and 0.3.
    expect(scoreOf('greedy', candidate, context, { ...largest, goal: 'min' })).toBeCloseTo(0.5, 12);
    expect(scoreOf('greedy', candidate, { ...context, weights: [0, 3] }, largest)).toBeCloseTo(-1.5, 12);
    // The best label has 2 and 1: its larger one is to be exceeded.
    expect(scoreOf('pi', candidate, context, largest)).toBeCloseTo((1 - 2 - 0.1) / 0.1, 9);
  });

  it('stays finite where members agree', () => {
    const agreed = offered({ ...candidate, standardDeviation: [0, 0] });
    for (const kind of ['ucb', 'ei', 'pi', 'range'] as const) {
      expect(Number.isFinite(scoreOf(kind, agreed))).toBe(true);
      expect(
        Number.isFinite(scoreOf(kind, offered({ ...candidate, mean: [1e6, -1e6], standardDeviation: [0, 0] }))),
      ).toBe(true);
    }
  });
});

describe('range', () => {
  it('multiplies the probabilities of the targets', () => {
    // 90 +- 4 between 80 and 120: -2.5 to 7.5 STDEVs; 60 +- 16 above 55: from -0.3125 STDEVs.
    expect(scoreOf('range', candidate)).toBeCloseTo(-0.479968073176026, 12);
    const oneSided = { ranges: { k_vrh: { high: 60 } } };
    expect(scoreOf('range', candidate, context, oneSided)).toBeCloseTo(Math.log(0.5), 12);
  });
});

describe('constraints', () => {
  const constraints = { k_vrh: { low: 55 } };
  // 60 +- 16 above 55.
  const holds = Math.log(0.622669856);

  it('multiply the expected improvement by the probability that they hold', () =>
    expect(scoreOf('ei', candidate, context, { constraints })).toBeCloseTo(scoreOf('ei', candidate) + holds, 6));

  it('multiply the probability of improvement, which is then no longer in STDEVs', () => {
    const [z, within] = [scoreOf('pi', candidate), scoreOf('pi', candidate, context, { constraints })];
    expect(z).toBeCloseTo(-26 / 3, 9);
    // log Phi(-8.6666...) by its asymptotic series.
    const tail =
      -0.5 * z * z - Math.log(Math.sqrt(2 * Math.PI) * -z) + Math.log(1 - 1 / z ** 2 + 3 / z ** 4 - 15 / z ** 6);
    expect(within).toBeCloseTo(tail + holds, 4);
  });

  it('cost nothing where they surely hold, whatever the weights', () => {
    const surely = { constraints: { k_vrh: { low: -1e4 } } };
    expect(scoreOf('exploration', candidate, context, surely)).toBe(scoreOf('exploration', candidate));
    const weighted = { ...context, weights: [1, 0] };
    expect(scoreOf('greedy', candidate, weighted, { constraints })).toBeCloseTo(1 + holds, 6);
  });
});

describe('pareto', () => {
  it('is the log of the expected gain of the area under the front, here of one label', () => {
    // The label lies at (2, 1); the candidate at (1, -0.5) with STDEVs of 0.1 and 0.2. Beside it one strip from 0 to 2
    // above 1, and one from 2 above 0.
    const excess = (mean: number, s: number, above: number) => {
      let sum = 0;
      for (let z = -12; z < 12; z += 1e-4) {
        sum += (Math.max(0, mean + s * z - above) * Math.exp(-0.5 * z * z) * 1e-4) / Math.sqrt(2 * Math.PI);
      }
      return sum;
    };
    const strips =
      (excess(1, 0.1, 0) - excess(1, 0.1, 2)) * excess(-0.5, 0.2, 1) + excess(1, 0.1, 2) * excess(-0.5, 0.2, 0);
    expect(scoreOf('pareto', candidate)).toBeCloseTo(Math.log(strips), 3);
  });

  it('orders what extends the front before what does not, and stays finite far below it', () => {
    const of = (mean: readonly number[]) => scoreOf('pareto', offered({ ...candidate, mean }));
    expect(of([140, 100])).toBeGreaterThan(of([100, 100]));
    expect(of([-1e5, -1e5])).toBe(Math.log(Number.MIN_VALUE));
  });
});

describe('random', () => {
  it('depends on seed, round and id, and on nothing else', () => {
    const score = scoreOf('random', candidate, context);
    expect(scoreOf('random', { ...candidate, mean: [0, 0], standardDeviation: [9, 9] }, context)).toBe(score);
    const others = [
      scoreOf('random', { ...candidate, id: 'mp-2' as MaterialId }, context),
      scoreOf('random', candidate, { ...context, seed: 2 }),
      scoreOf('random', candidate, { ...context, round: 4 }),
    ];
    expect(new Set([score, ...others]).size).toBe(4);
  });
});

/** A batch that keeps its distance: of twice as many as wanted the best, then always the farthest from all chosen. */
const spreadOut = byScore(
  'greedy',
  () =>
    ({ mean }) =>
      mean[0]!,
  {
    answerSize: (batch) => 2 * batch,
    choose<T extends AnsweredCandidate>(merged: readonly T[], batch: number): T[] {
      const chosen = merged.slice(0, Math.min(batch, 1));
      while (chosen.length < Math.min(batch, merged.length)) {
        const nearest = ({ mean }: T) => Math.min(...chosen.map((other) => Math.abs(other.mean[1]! - mean[1]!)));
        const free = merged.filter((candidate) => !chosen.includes(candidate));
        chosen.push(free.reduce((best, other) => (nearest(other) > nearest(best) ? other : best)));
      }
      return chosen;
    },
  },
);

function chosenOf(
  by: AcquisitionStrategy,
  partitions: readonly (readonly PredictedCandidate[])[],
  batch: number,
  awaited: readonly (readonly number[])[] = [],
) {
  const size = by.answerSize(batch);
  const answers = partitions.map((partition) => {
    const answer = by.answer<OfferedCandidate & { memberPredictions: number[]; position: number[] }>(size, context);
    for (const one of partition) {
      answer.offer({ ...offered(one), memberPredictions: [], position: [...Array.from(one.mean)] });
    }
    return answer.best();
  });
  return by.choose(by.merge(answers, size), batch, { ...context, awaited }).map(({ id }) => id);
}

describe.each([
  ...(Object.keys(SETTINGS) as StrategyName[]).map((kind) => [kind, strategy(kind)] as const),
  ...(Object.keys(SETTINGS) as StrategyName[]).map(
    (kind) => [`${kind} with a diverse batch`, strategy(kind, { diversity: 3 })] as const,
  ),
  ['a strategy that looks at its batch as a whole', spreadOut] as const,
])('%s', (_, by) => {
  const few = fc.constantFrom(0, 1, 2, 50);
  const predicted = fc.record({
    id: fc.string({ minLength: 1, maxLength: 4 }).map((text) => text as MaterialId),
    mean: fc.tuple(few, few),
    standardDeviation: fc.tuple(few, few),
  });
  const pool = fc.uniqueArray(predicted, { maxLength: 40, selector: ({ id }) => id });

  it('chooses the same batch however the pool is cut', () => {
    fc.assert(
      fc.property(pool, fc.array(fc.nat(3), { minLength: 40, maxLength: 40 }), fc.nat(8), (all, cut, batch) => {
        const partitions = [0, 1, 2, 3].map((partition) => all.filter((__, i) => cut[i] === partition));
        const chosen = chosenOf(by, [all], batch);
        expect(chosenOf(by, partitions, batch)).toEqual(chosen);
        expect(new Set(chosen).size).toBe(Math.min(batch, all.length));
      }),
    );
  });
});

describe('a diverse batch', () => {
  const at = (id: string, g: number, k: number) =>
    ({ id: id as MaterialId, mean: [g, k], standardDeviation: [1, 1] }) satisfies PredictedCandidate;
  // By greedy the best six are a to f, of which the first four are near copies.
  const pool = [at('a', 300, 9), at('b', 299, 9), at('c', 298, 9), at('d', 297, 9), at('e', 200, 9), at('f', 100, 9)];
  const greedy = (others: object) => strategy('greedy', others);

  it('holds no near copies where others are on the shortlist', () => {
    expect(chosenOf(greedy({}), [pool], 2)).toEqual(['a', 'b']);
    expect(chosenOf(greedy({ diversity: 2 }), [pool], 3)).toEqual(['a', 'f', 'e']);
    // Beyond twice the batch nothing is looked at.
    expect(chosenOf(greedy({ diversity: 2 }), [pool], 2)).toEqual(['a', 'd']);
  });

  it('keeps away from what is still awaited', () =>
    expect(chosenOf(greedy({ diversity: 3 }), [pool], 2, [[300, 9]])).toEqual(['f', 'e']));

  it('names the candidate that came without its position', () => {
    const by = greedy({ diversity: 2 });
    const bare = pool.map((one) => ({ ...one, score: 1, memberPredictions: [] }));
    expect(() => by.choose(bare, 2, { ...context, awaited: [] })).toThrow(/a was ranked without its position/);
  });
});

describe('thompson', () => {
  /** Each place takes the best that is left by its member, among all candidates: what partitions must come to. */
  function byHand(pool: readonly PredictedCandidate[], batch: number): string[] {
    const utility = (one: PredictedCandidate, member: number) =>
      [0, 1].reduce((sum, t) => {
        const value = offered(one).predictedBy(member)[t]!;
        return sum + (value - context.labelMean[t]!) / context.labelStandardDeviation[t]!;
      }, 0);
    const left = [...pool];
    const taken: string[] = [];
    for (let cycle = 0; left.length > 0 && taken.length < batch; cycle++) {
      const draw = (member: number) => hashedUniform('thompson-member', [1, 3, cycle, member]);
      for (const member of [0, 1].sort((a, b) => draw(a) - draw(b))) {
        if (left.length === 0 || taken.length === batch) break;
        const value = (one: PredictedCandidate) => utility(one, member);
        left.sort((a, b) => value(b) - value(a) || (a.id < b.id ? -1 : 1));
        taken.push(left.shift()!.id);
      }
    }
    return taken;
  }

  it('gives each place to the best that is left by its member, by brute force', () => {
    const few = fc.constantFrom(0, 1, 2, 50);
    const predicted = fc.record({
      id: fc.stringMatching(/^[a-z]{1,3}$/).map((text) => text as MaterialId),
      mean: fc.tuple(few, few),
      standardDeviation: fc.tuple(few, few),
    });
    const pools = fc.uniqueArray(predicted, { maxLength: 30, selector: ({ id }) => id });
    fc.assert(
      fc.property(pools, fc.nat(12), (pool, batch) => {
        const halves = [pool.filter((_, i) => i % 3 === 0), pool.filter((_, i) => i % 3 > 0)];
        expect(chosenOf(strategy('thompson'), halves, batch)).toEqual(byHand(pool, batch));
      }),
    );
  });
});
