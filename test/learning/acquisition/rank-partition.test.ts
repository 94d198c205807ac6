import { describe, expect, it } from 'vitest';
import { exponential } from '../../../src/kernels/logarithm.ts';
import { strategyOf } from '../../../src/learning/acquisition/acquisition-strategy.ts';
import { rankPartition } from '../../../src/learning/acquisition/rank-partition.ts';
import { roundContents } from '../../../src/learning/campaign/round-contents.ts';
import { freezeData } from '../../../src/learning/data/campaign-data.ts';
import { acquisitionContext, featureMatrix, trainingLabels } from '../../../src/learning/data/training-set.ts';
import { heldOutResults, memberModelHash } from '../../../src/learning/ensemble/member-models.ts';
import { type EnsembleModels, predictRows } from '../../../src/learning/ensemble/predict-rows.ts';
import { hashOf } from '../../support/campaigns.ts';
import { createdWith, labelledCatalogue, PARTITIONS } from '../../support/catalogues.ts';

const created = createdWith();
const catalogue = labelledCatalogue(40);
const frozen = freezeData(created, catalogue);
const contents = roundContents({ created, frozen, catalogue, selectedBefore: new Set(), partitions: PARTITIONS });
const labels = trainingLabels(contents.training, created.config, 'test', new Map());
const context = acquisitionContext(labels, created.config, 1);
const columns = Int32Array.of(0, 1);

/** One split at column 0: below the threshold `low`, above it `high`. */
function stump(threshold: number, low: number, high: number): EnsembleModels[number][number] {
  return {
    columns: 2,
    roots: Int32Array.of(0),
    features: Int32Array.of(0),
    thresholds: Float64Array.of(threshold),
    children: Int32Array.of(~0, ~1),
    missing: Int32Array.of(~0),
    leafValues: Float64Array.of(low, high),
    gains: Float64Array.of(1),
  };
}

const middle = contents.pool
  .flat()
  .map(({ vector }) => vector[0]!)
  .sort()[3]!;
/** The two members agree on small features and differ by 10 on large ones. */
const models: EnsembleModels = [0, 10].map((spread) => [stump(middle, 5, 20 + spread), stump(middle, 5, 20)]);
const settings = {
  models,
  columns,
  context,
  transforms: ['none', 'none'] as const,
  targets: created.config.targets,
  strategy: strategyOf({
    targets: created.config.targets,
    acquisition: { strategy: 'exploration', batch: 2, weights: {} },
  }),
  keep: 2,
};

function result<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

describe('rankPartition', () => {
  const ranks = contents.pool.map((pool, partition) =>
    result(
      rankPartition(
        pool,
        contents.test.filter((example) => example.partition === partition),
        settings,
      ),
    ),
  );

  it('reports the best of the partition with mean, STDEV and the members', () => {
    for (const [partition, { candidates }] of ranks.entries()) {
      const pool = contents.pool[partition]!;
      expect(candidates.length).toBe(Math.min(2, pool.length));
      for (const { id, mean, standardDeviation, memberPredictions } of candidates) {
        const large = pool.find(({ facts }) => facts.materialId === id)!.vector[0]! > middle;
        expect(memberPredictions).toEqual(large ? [20, 20, 30, 20] : [5, 5, 5, 5]);
        expect(mean).toEqual(large ? [25, 20] : [5, 5]);
        expect(standardDeviation).toEqual(large ? [5, 0] : [0, 0]);
      }
    }
    const best = ranks.flatMap(({ candidates }) => candidates).sort((a, b) => b.score - a.score)[0]!;
    expect(best.score).toBeCloseTo(5 / context.labelStandardDeviation[0]!, 12);
  });

  it('counts every candidate and every test row once, and compares with the truth', () => {
    const sum = (of: (rank: (typeof ranks)[number]) => number) => ranks.reduce((total, rank) => total + of(rank), 0);
    expect(sum(({ poolAggregates }) => poolAggregates[0]!.count)).toBe(frozen.hidden.size);
    expect(sum(({ testAggregates }) => testAggregates[1]!.ensembleErrors.actual.count)).toBe(frozen.testSet.size);
    expect(sum(({ poolAggregates }) => poolAggregates[0]!.ensembleErrors.actual.count)).toBe(frozen.hidden.size);
  });

  it('knows an empty partition', () => {
    const empty = result(rankPartition([], [], settings));
    expect(empty.candidates).toEqual([]);
    expect(empty.poolAggregates.map(({ count }) => count)).toEqual([0, 0]);
  });

  it('predicts rows alike in any company', () => {
    const rows = Array.from({ length: 100 }, () => contents.pool.flat()).flat();
    const together = predictRows(rows, settings);
    expect(rows.length).toBeGreaterThan(2 * 256);
    const alone = rows.map((row) => predictRows([row], settings).mean[0]![0]);
    expect(alone).toEqual([...together.mean[0]!]);
  });
});

describe('a target that is learned on a logarithmic scale', () => {
  it('is predicted in its unit, member by member, above 0', () => {
    const rows = contents.pool.flat();
    const plain = predictRows(rows, settings);
    const log = predictRows(rows, { ...settings, transforms: ['log', 'none'] });
    expect(log.byTarget[1]).toEqual(plain.byTarget[1]);
    expect(log.byTarget[0]).toEqual(plain.byTarget[0]!.map(exponential));
    expect(log.mean[0]!.every((mean) => mean > 0)).toBe(true);
  });

  it('is held out in its unit too', () => {
    const row = Float64Array.of(1, 0);
    const { heldOutPredictions, heldOut } = heldOutResults(
      stump(50, -1, 3),
      row,
      Int32Array.of(0),
      Float64Array.of(2),
      'log',
    );
    expect([...heldOutPredictions]).toEqual([exponential(-1)]);
    expect(heldOut.mae).toBe(2 - exponential(-1));
  });
});

describe('the training labels', () => {
  it('ascend by material, with their draws made once', () => {
    const cache = new Map();
    const first = trainingLabels(contents.training, created.config, 'test', cache);
    const again = trainingLabels(contents.training, created.config, 'test', cache);
    expect(again.draws.every((draws, i) => draws === first.draws[i])).toBe(true);
    expect(first.values.length).toBe(2 * contents.training.length);
    expect([...first.acquired]).toEqual(contents.training.map(() => 0));
  });

  it('give mean and population STDEV of each target', () => {
    const g = contents.training.map(({ label }) => label.values.g_vrh!);
    const mean = g.reduce((sum, x) => sum + x, 0) / g.length;
    expect(context.labelMean[0]).toBeCloseTo(mean, 10);
    const variance = g.reduce((sum, x) => sum + (x - mean) ** 2, 0) / g.length;
    expect(context.labelStandardDeviation[0]).toBeCloseTo(Math.sqrt(variance), 10);
  });

  it('have a matrix of the wanted features, on shared memory', () => {
    const matrix = featureMatrix(contents.training, Int32Array.of(2, 280));
    expect(matrix.buffer).toBeInstanceOf(SharedArrayBuffer);
    const rows = contents.training.flatMap(({ vector }) => [vector[2], vector[280]]);
    expect([...matrix]).toEqual(rows);
  });
});

describe('member models', () => {
  it('say how far they are from what they were not trained on', () => {
    const matrix = Float64Array.of(1, 0, 100, 0, 1, 0);
    const results = heldOutResults(stump(50, 5, 20), matrix, Int32Array.of(1, 2), Float64Array.of(22, 5));
    expect([...results.heldOutPredictions]).toEqual([20, 5]);
    expect(results.heldOut.mae).toBe(1);
    expect(heldOutResults(stump(50, 5, 20), matrix, Int32Array.of(), Float64Array.of()).heldOut.mae).toBeNaN();
  });

  it('are named by their trees, in the order of the targets', () => {
    const [a, b] = [hashOf('a'), hashOf('b')];
    expect(memberModelHash([a, b])).not.toBe(memberModelHash([b, a]));
  });
});
