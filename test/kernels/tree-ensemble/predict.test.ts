import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadLightGbm } from '../../../src/adapters/lightgbm/native.ts';
import { binningParameters, boosterParameters } from '../../../src/adapters/lightgbm/parameters.ts';
import { trainBooster } from '../../../src/adapters/lightgbm/train-booster.ts';
import { featureImportances } from '../../../src/kernels/tree-ensemble/importances.ts';
import { predictEnsemble } from '../../../src/kernels/tree-ensemble/predict.ts';
import { createPredictor } from '../../../src/kernels/tree-ensemble/predict-together.ts';
import { parseTreeEnsemble } from '../../../src/kernels/tree-ensemble/tree-ensemble.ts';
import { BINNING, library, MISSING_LIBRARY, openReference, SETTINGS, syntheticData } from '../../support/lightgbm.ts';
import { describeUnless } from '../../support/needs.ts';
import { createSeededRandom } from '../../support/simulation/seeded-random.ts';

const COLUMNS = 14;
const ZERO_THRESHOLD = Math.fround(1e-35);

function train(seed: number, settings = SETTINGS, rows = 1000): string {
  const lightgbm = loadLightGbm(library!.path);
  const { matrix, targets } = syntheticData(rows, COLUMNS, seed);
  const binning = binningParameters(BINNING);
  const dataset = lightgbm.createDataset(matrix.values, rows, COLUMNS, binning);
  try {
    const labels = Float32Array.from(targets);
    const parameters = boosterParameters(binning, settings, seed);
    const all = Int32Array.from({ length: rows }, (_, row) => row);
    return trainBooster(lightgbm, { dataset, rows: all, labels, parameters, trees: settings.trees }, () => true);
  } finally {
    lightgbm.freeDataset(dataset);
  }
}

function bits(values: Float64Array): BigUint64Array {
  return new BigUint64Array(values.buffer, values.byteOffset, values.length);
}

/** The next double up or down. */
function beside(value: number, step: 1 | -1): number {
  if (value === 0) return step * Number.MIN_VALUE;
  const word = new BigInt64Array(Float64Array.of(value).buffer);
  word[0]! += BigInt(value > 0 ? step : -step);
  return new Float64Array(word.buffer)[0]!;
}

/** Values where decisions turn: every threshold and its neighbours, zeros of every kind, no value. */
function edgeValues(modelText: string): number[] {
  const { thresholds } = parseTreeEnsemble(modelText);
  const zeros = [0, -0, ZERO_THRESHOLD, -ZERO_THRESHOLD, 1e-36, -1e-36, Number.MIN_VALUE];
  const turning = [...thresholds, ...zeros].flatMap((value) => [value, beside(value, 1), beside(value, -1)]);
  return [...turning, Number.NaN, Infinity, -Infinity, 1e300, -1e300];
}

describeUnless(MISSING_LIBRARY, 'predictEnsemble beside the C library', () => {
  it('gives the same bits on 100,000 rows of thresholds, their neighbours, zeros, infinities and gaps', () => {
    const text = train(3, { ...SETTINGS, trees: 100 });
    const reference = openReference(text);
    const edges = edgeValues(text);
    const random = createSeededRandom(5).uniform;
    const rows = 100_000;
    const draw = () => (random() < 0.5 ? edges[Math.floor(random() * edges.length)]! : random() * 100 - 50);
    const values = Float64Array.from({ length: rows * COLUMNS }, draw);
    const expected = reference.predict(values, rows, COLUMNS);
    reference.free();
    expect(bits(predictEnsemble(parseTreeEnsemble(text), values))).toEqual(bits(expected));
    expect(bits(createPredictor([parseTreeEnsemble(text)]).predict(values))).toEqual(bits(expected));
    expect(new Set(expected).size).toBeGreaterThan(1000);
  });

  it('gives the same bits whatever the settings, the training data and the rows', () => {
    const shape = { seed: fc.integer({ min: 0, max: 1e6 }), leavesMax: fc.integer({ min: 2, max: 60 }) };
    const more = { rowsPerLeafMin: fc.integer({ min: 1, max: 400 }), rows: fc.integer({ min: 1, max: 500 }) };
    fc.assert(
      fc.property(fc.record({ ...shape, ...more }), ({ seed, leavesMax, rowsPerLeafMin, rows }) => {
        const text = train(seed, { ...SETTINGS, trees: 8, leavesMax, rowsPerLeafMin }, rows);
        const reference = openReference(text);
        const { values } = syntheticData(200, COLUMNS, seed + 1).matrix;
        const expected = reference.predict(values, 200, COLUMNS);
        reference.free();
        expect(bits(predictEnsemble(parseTreeEnsemble(text), values))).toEqual(bits(expected));
        expect(bits(createPredictor([parseTreeEnsemble(text)]).predict(values))).toEqual(bits(expected));
      }),
      { numRuns: 40 },
    );
  });

  it("gives the library's importances", () => {
    const text = train(4);
    const reference = openReference(text);
    const { gain, splits } = featureImportances(parseTreeEnsemble(text));
    expect(splits).toEqual(reference.importance(0, COLUMNS));
    // The text has six digits of each gain.
    reference.importance(1, COLUMNS).forEach((expected, column) => {
      expect(Math.abs(gain[column]! - expected)).toBeLessThanOrEqual(1e-5 * expected);
    });
    reference.free();
    expect(splits.reduce((a, b) => a + b)).toBeGreaterThan(100);
  });
});

/** A model written by hand: value 0 <= 1.5 ? (value 1 <= inf ? 1 : 2) : 3, plus the constant 10. */
const MODEL = `tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=regression
feature_names=Column_0 Column_1
tree_sizes=300 60

Tree=0
num_leaves=3
num_cat=0
split_feature=0 1
split_gain=5 inf
threshold=1.5 inf
decision_type=8 10
left_child=1 -1
right_child=-3 -2
leaf_value=1 2 3
is_linear=0
shrinkage=1


Tree=1
num_leaves=1
num_cat=0
leaf_value=10
shrinkage=1


end of trees
`;

describe('predictEnsemble', () => {
  it('follows a model written by hand', () => {
    const ensemble = parseTreeEnsemble(MODEL);
    const nan = Number.NaN;
    const values = Float64Array.of(1.5, 9, 1.6, 9, nan, 9, 1, nan, 1, Infinity);
    expect([...predictEnsemble(ensemble, values)]).toEqual([11, 13, 13, 11, 11]);
    expect(featureImportances(ensemble)).toEqual({ gain: Float64Array.of(5, Infinity), splits: Float64Array.of(1, 1) });
  });

  it('takes NaN for 0 in a column that had no gap in training', () => {
    const plain = MODEL.replace('decision_type=8', 'decision_type=2');
    expect([...predictEnsemble(parseTreeEnsemble(plain), Float64Array.of(Number.NaN, 1))]).toEqual([11]);
    const zero = plain.replace('threshold=1.5', 'threshold=0');
    expect([...predictEnsemble(parseTreeEnsemble(zero), Float64Array.of(Number.NaN, 1))]).toEqual([11]);
    const negative = plain.replace('threshold=1.5', 'threshold=-1.5');
    expect([...predictEnsemble(parseTreeEnsemble(negative), Float64Array.of(Number.NaN, 1))]).toEqual([13]);
  });

  it('predicts with several ensembles as with each alone, in any company', () => {
    const right = MODEL.replace('right_child=-3 -2', 'right_child=-3 -1').replace('left_child=1 -1', 'left_child=1 -2');
    const texts = [MODEL, MODEL.replace('decision_type=8', 'decision_type=10'), right];
    const ensembles = texts.map(parseTreeEnsemble);
    const draw = [0, 1.5, 1.6, Number.NaN, -1, Infinity];
    const rows = Float64Array.from({ length: 2 * 97 }, (_, i) => draw[(i * i + (i >> 3)) % draw.length]!);
    const together = [...createPredictor(ensembles).predict(rows)];
    expect(together).toEqual(ensembles.flatMap((ensemble) => [...predictEnsemble(ensemble, rows)]));
    const alone = Array.from(
      { length: 97 },
      (_, row) => predictEnsemble(ensembles[1]!, rows.subarray(2 * row, 2 * row + 2))[0],
    );
    expect(together.slice(97, 194)).toEqual(alone);
    expect(new Set(together.slice(97))).toEqual(new Set([11, 12, 13]));
  });

  it('refuses rows of another width', () => {
    expect(() => predictEnsemble(parseTreeEnsemble(MODEL), new Float64Array(3))).toThrow('2 columns');
    expect(() => predictEnsemble(parseTreeEnsemble(MODEL), new Float64Array(4), new Float64Array(3))).toThrow('3 rows');
    expect(() => createPredictor([parseTreeEnsemble(MODEL)]).predict(new Float64Array(3))).toThrow('2 columns');
    const narrow = { ...parseTreeEnsemble(MODEL), columns: 1 };
    expect(() => createPredictor([parseTreeEnsemble(MODEL), narrow])).toThrow('different columns');
  });
});

describe('parseTreeEnsemble', () => {
  const cases: [string, string, string][] = [
    ['not a LightGBM model', 'tree\nversion', 'forest\nversion'],
    ['not v4', 'version=v4', 'version=v2'],
    ['several classes', 'num_class=1', 'num_class=3'],
    ['several trees per iteration', 'num_tree_per_iteration=1', 'num_tree_per_iteration=2'],
    ['random forest', 'label_index=0', 'average_output'],
    ['transforms', 'objective=regression', 'objective=poisson'],
    ['transforms', 'objective=regression', 'objective=regression sqrt'],
    ['no "objective"', 'objective=regression\n', ''],
    ['splits on categories', 'num_cat=0', 'num_cat=1'],
    ['splits on categories', 'decision_type=8 10', 'decision_type=9 10'],
    ['zero_as_missing', 'decision_type=8 10', 'decision_type=8 6'],
    ['linear leaves', 'is_linear=0', 'is_linear=1'],
    ['promises 2 trees', 'Tree=1\n', ''],
    ['Tree=7 stands where Tree=1', 'Tree=1\n', 'Tree=7\n'],
    ['cut off', 'end of trees', ''],
    ['3 values of "leaf_value"', 'num_leaves=3', 'num_leaves=2'],
    ['"x" in "threshold" is not a number', 'threshold=1.5', 'threshold=x'],
    ['threshold that is not a number', 'threshold=1.5', 'threshold=nan'],
    ['feature 2 of 2', 'split_feature=0 1', 'split_feature=0 2'],
    ['bad child 0', 'left_child=1 -1', 'left_child=0 -1'],
    ['bad child -4', 'right_child=-3 -2', 'right_child=-4 -2'],
    ['0 leaves', 'num_leaves=3', 'num_leaves=0'],
    ['max_feature_idx', 'max_feature_idx=1', 'max_feature_idx=x'],
  ];
  it.each(cases)('refuses a text with "%s"', (message, from, to) => {
    const text = MODEL.replace(from, to);
    expect(text).not.toBe(MODEL);
    expect(() => parseTreeEnsemble(text)).toThrow(message);
  });

  it('refuses a text cut off anywhere, and never fails otherwise than by saying so', () => {
    const whole = MODEL.indexOf('end of trees') + 'end of trees'.length;
    for (let length = 0; length < whole; length++) {
      expect(() => parseTreeEnsemble(MODEL.slice(0, length))).toThrow('the model text cannot be used');
    }
    expect(() => parseTreeEnsemble(MODEL.slice(0, whole))).not.toThrow();
  });
});
