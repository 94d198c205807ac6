import { featureMeaning } from '../../src/featurizers/feature-meaning.ts';
import { FEATURES } from '../../src/featurizers/feature-schema.ts';
import { hashedUniform } from '../../src/kernels/hashed-draw.ts';
import type { StrategyName } from '../../src/learning/campaign/campaign-config.ts';
import { MODULI, type Modulus } from '../../src/model/target.ts';
import type {
  ByTarget,
  FeatureImportance,
  MetricsRow,
  ParityPoint,
  ReportArm,
  ReportModel,
  RoundRow,
  SelectedRow,
  UncertaintyHistogram,
} from '../../src/report/report-model.ts';

/** How large the errors of each target start, GPa; sizes as in the paper. */
const LEVEL: Readonly<Record<Modulus, number>> = { g_vrh: 14.2, k_vrh: 18.6 };
const FORMULAS = ['NaZr2(PO4)3', 'Na3PS4', 'Na2Zn2TeO6', 'NaAlSi2O6', 'Na3SbS4', 'Na5SmSi4O12'];

interface ArmShape {
  readonly name: string;
  readonly strategy: StrategyName;
  /** Share of the error that the whole campaign removes, on each set. */
  readonly gain: { readonly test: number; readonly candidates: number };
}

/** Two strategies on one data set, as large as asked; not a measurement, only as plausible as one. */
export function comparisonModel({ rounds = 13, batch = 10, points = 400 } = {}): ReportModel {
  const shapes: ArmShape[] = [
    { name: 'exploration', strategy: 'exploration', gain: { test: 0.16, candidates: 0.52 } },
    { name: 'random', strategy: 'random', gain: { test: 0.09, candidates: 0.1 } },
  ];
  return {
    name: 'Exploration beside random, elastic tensors of 2015',
    generatedAt: '2026-03-01T12:34:56.789Z',
    elastreamVersion: '0.1.0',
    simulated: true,
    status: 'stopped: labels',
    targets: MODULI,
    settings: [
      ['Seed', '42'],
      ['Members', '20'],
      ['Batch', String(batch)],
      ['Features', 'paper (279 of 281)'],
      ['Sampling', 'Model 2, 20 % held out'],
      ['Stop', `${(rounds - 1) * batch} labels`],
    ],
    data: [
      ['Materials', '1,181'],
      ['Labels to begin with', '300'],
      ['Test set', '236'],
      ['Pool', '645'],
      ['Filtered out: negative modulus', '3'],
      ['Filtered out: radioactive', '12'],
      ['Rejected: overlapping_sites', '1'],
    ],
    arms: shapes.map((shape) => arm(shape, rounds, batch, points)),
    credits: [
      'M. de Jong et al., Charting the complete elastic properties of inorganic crystalline compounds, Scientific Data 2, 150009 (2015), CC BY 4.0.',
    ],
  };
}

function arm(shape: ArmShape, rounds: number, batch: number, points: number): ReportArm {
  return {
    name: shape.name,
    strategy: shape.strategy,
    seed: 42,
    stopReason: 'labels',
    rounds: Array.from({ length: rounds }, (_, i) => round(shape, i, rounds, batch)),
    parity: byTarget((target) => parity(shape, target, points)),
    uncertainty: byTarget((target) => uncertainty(shape, target)),
    importances: byTarget((target) => importances(shape, target)),
  };
}

function round(shape: ArmShape, i: number, rounds: number, batch: number): RoundRow {
  const progress = rounds === 1 ? 0 : i / (rounds - 1);
  const metrics = MODULI.flatMap((target) =>
    (['test', 'candidates'] as const).map((subset): MetricsRow => {
      const noise = 1 + 0.02 * normal(shape.strategy, target, subset, i);
      const mae = LEVEL[target] * (1 - shape.gain[subset] * (1 - (1 - progress) ** 2)) * noise;
      return {
        target,
        subset,
        count: subset === 'test' ? 236 : 645 - i * batch,
        mae,
        rmse: 1.5 * mae,
        r2: 1 - mae / (3 * LEVEL[target]),
        maeStandardDeviation: 0.025 * LEVEL[target],
        memberMae: 1.1 * mae,
        memberR2: 0.95 - mae / (3 * LEVEL[target]),
        memberR2StandardDeviation: 0.016,
      };
    }),
  );
  const last = i === rounds - 1;
  const selected = Array.from({ length: last ? 0 : batch }, (_, rank) => selection(shape, i, rank));
  return { round: i + 1, labels: 300 + i * batch, added: i * batch, seconds: 3.2 + 0.1 * i, metrics, selected };
}

function selection(shape: ArmShape, round: number, rank: number): SelectedRow {
  const draw = hashedUniform('outcome', [shape.strategy, round, rank]);
  const outcome = draw < 0.04 ? 'rejected' : draw < 0.06 ? 'abandoned' : 'labelled';
  const mean = MODULI.map((target) => 60 + 25 * Math.abs(normal(shape.strategy, target, round, rank)));
  return {
    rank: rank + 1,
    materialId: `mp-${1000 + 37 * round + rank}`,
    formula: FORMULAS[(round + rank) % FORMULAS.length]!,
    score: shape.strategy === 'random' ? 1 - rank / 100 : 2.4 - 0.08 * round - 0.03 * rank,
    mean,
    standardDeviation: mean.map((value) => 0.2 * value),
    outcome,
    ...(outcome === 'labelled'
      ? { actual: mean.map((value, t) => value + 12 * normal('actual', t, round, rank)) }
      : {}),
    at: `2026-03-01T12:${String(round % 60).padStart(2, '0')}:${String(rank % 60).padStart(2, '0')}.000Z`,
  };
}

function parity(shape: ArmShape, target: Modulus, points: number): ParityPoint[] {
  return Array.from({ length: points }, (_, i) => {
    const actual = LEVEL[target] * 3 * Math.exp(0.6 * normal('stiff', target, i));
    const standardDeviation = 1.5 + 0.06 * actual * Math.abs(normal(shape.strategy, 'sd', target, i));
    const mean = 12 + 0.85 * actual + 0.8 * LEVEL[target] * normal(shape.strategy, 'error', target, i);
    const set = i % 4 === 0 ? 'test' : 'candidates';
    return { materialId: `mp-${i}`, formula: FORMULAS[i % FORMULAS.length]!, actual, mean, standardDeviation, set };
  });
}

function uncertainty(shape: ArmShape, target: Modulus): UncertaintyHistogram {
  const counts = (scale: number, candidates: number) => {
    const bins = new Array<number>(81).fill(0);
    for (let i = 0; i < candidates; i++) {
      const bin = Math.min(80, Math.floor((LEVEL[target] * scale * Math.exp(0.6 * normal('spread', target, i))) / 0.5));
      bins[bin] = bins[bin]! + 1;
    }
    return bins;
  };
  return { binGpa: 0.5, first: counts(0.3, 645), last: counts(shape.strategy === 'random' ? 0.28 : 0.2, 525) };
}

function importances(shape: ArmShape, target: Modulus): FeatureImportance[] {
  const weights = FEATURES.map((feature) => ({
    feature: feature.label,
    unit: feature.unit,
    meaning: featureMeaning(feature.label)!,
    group: feature.group,
    weight: Math.exp(1.5 * normal(shape.strategy, target, feature.label)),
  })).sort((a, b) => b.weight - a.weight);
  const total = weights.reduce((sum, { weight }) => sum + weight, 0);
  return weights.slice(0, 25).map(({ weight, ...feature }) => ({ ...feature, gainShare: weight / total }));
}

function byTarget<T>(of: (target: Modulus) => T): ByTarget<T> {
  return Object.fromEntries(MODULI.map((target) => [target, of(target)]));
}

/** Standard normal by Box and Muller, the same for the same fields. */
function normal(...fields: readonly (string | number)[]): number {
  const [u, v] = [hashedUniform('normal-u', fields), hashedUniform('normal-v', fields)];
  return Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v);
}
