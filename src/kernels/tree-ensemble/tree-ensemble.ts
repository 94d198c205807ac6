import { field, numbers, splitModelText, unreadable } from './model-text.ts';

/**
 * A sum of regression trees, stored in one set of flat arrays. A node is a number: a number from 0 up is a split and
 * indexes the split arrays; a negative number is a leaf with the value `leafValues[~node]`.
 */
export interface TreeEnsemble {
  /** The number of columns that a row must have. */
  readonly columns: number;
  /** Int32Array[trees], the node at which each tree begins. */
  readonly roots: Int32Array;
  /** Int32Array[splits], the column that each split compares. */
  readonly features: Int32Array;
  /** Float64Array[splits]: values up to and including the threshold go left. */
  readonly thresholds: Float64Array;
  /** Int32Array[2 * splits], the child nodes: for each split the left one, then the right one. */
  readonly children: Int32Array;
  /** Int32Array[splits], the node to which a row with NaN in the column goes. */
  readonly missing: Int32Array;
  /** Float64Array[leaves]. */
  readonly leafValues: Float64Array;
  /** Float64Array[splits], the decrease of the loss by each split (six digits, as in the model text). */
  readonly gains: Float64Array;
}

/** The objectives whose prediction is the plain sum of the leaves. */
const IDENTITY_OBJECTIVES = ['regression', 'regression_l1', 'huber', 'fair', 'quantile', 'mape'];
const CATEGORICAL = 1;
const DEFAULT_LEFT = 2;
const MISSING_SHIFT = 2;
const MISSING_IS_ZERO = 1;
const MISSING_IS_NAN = 2;
/** LightGBM's kZeroThreshold, a float: LightGBM treats values whose absolute value is at most this as 0. */
const ZERO_THRESHOLD = Math.fround(1e-35);
/** The largest double below -ZERO_THRESHOLD: adding half an epsilon, rounded, moves by one step. */
const BELOW_ZERO_THRESHOLD = -(ZERO_THRESHOLD + ZERO_THRESHOLD * (Number.EPSILON / 2));

/**
 * Reads the trees of a LightGBM model from its text.
 * Source: LightGBM 4.7.0, include/LightGBM/tree.h (decision_type bits) and src/boosting/gbdt_model_text.cpp.
 * Errors: AppError `input_unreadable` if the text is cut off, damaged, or of an unsupported kind of model (categorical
 * splits, linear leaves, several classes, averaged forests, zeros as missing, an objective that transforms the sum).
 * Known value: a model of one leaf 2.5 has roots [-1] and leafValues [2.5].
 */
export function parseTreeEnsemble(text: string): TreeEnsemble {
  const { header, trees } = splitModelText(text);
  checkKind(header);
  const columns = Number(field(header, 'max_feature_idx', 'the header')) + 1;
  if (!(Number.isInteger(columns) && columns >= 1)) unreadable('its header has a bad "max_feature_idx"');
  const leafCounts = trees.map((tree, t) => leafCount(tree, t));
  const leaves = leafCounts.reduce((sum, n) => sum + n, 0);
  const splits = leaves - trees.length;
  const ensemble: TreeEnsemble = {
    columns,
    roots: new Int32Array(trees.length),
    features: new Int32Array(splits),
    thresholds: new Float64Array(splits),
    children: new Int32Array(2 * splits),
    missing: new Int32Array(splits),
    leafValues: new Float64Array(leaves),
    gains: new Float64Array(splits),
  };
  let firstSplit = 0;
  let firstLeaf = 0;
  trees.forEach((tree, t) => {
    ensemble.roots[t] = leafCounts[t] === 1 ? ~firstLeaf : firstSplit;
    readTree(ensemble, tree, `tree ${t}`, firstSplit, firstLeaf, leafCounts[t]!);
    firstSplit += leafCounts[t]! - 1;
    firstLeaf += leafCounts[t]!;
  });
  return ensemble;
}

function checkKind(header: ReadonlyMap<string, string>): void {
  if (field(header, 'version', 'the header') !== 'v4') unreadable(`its version is ${header.get('version')}, not v4`);
  if (field(header, 'num_class', 'the header') !== '1') unreadable('it has several classes');
  if (field(header, 'num_tree_per_iteration', 'the header') !== '1') unreadable('it has several trees per iteration');
  if (header.has('average_output')) unreadable('it averages its trees (a random forest)');
  const objective = field(header, 'objective', 'the header');
  const [name, ...options] = objective.split(' ');
  if (!IDENTITY_OBJECTIVES.includes(name!) || options.includes('sqrt')) {
    unreadable(`its objective "${objective}" transforms the sum of the trees`);
  }
}

function leafCount(tree: ReadonlyMap<string, string>, t: number): number {
  const [leaves] = numbers(tree, 'num_leaves', `tree ${t}`, 1);
  if (!(Number.isInteger(leaves) && leaves! >= 1)) unreadable(`tree ${t} has ${leaves} leaves`);
  if (field(tree, 'num_cat', `tree ${t}`) !== '0') unreadable(`tree ${t} splits on categories`);
  if (tree.get('is_linear') === '1') unreadable(`tree ${t} has linear leaves`);
  return leaves!;
}

function readTree(
  ensemble: TreeEnsemble,
  tree: ReadonlyMap<string, string>,
  where: string,
  firstSplit: number,
  firstLeaf: number,
  leaves: number,
): void {
  const splits = leaves - 1;
  ensemble.leafValues.set(numbers(tree, 'leaf_value', where, leaves), firstLeaf);
  // LightGBM writes a tree of one leaf with these keys empty; after reading and writing again, the keys are absent.
  if (splits === 0) return;
  const decisions = numbers(tree, 'decision_type', where, splits);
  const features = numbers(tree, 'split_feature', where, splits);
  const thresholds = numbers(tree, 'threshold', where, splits);
  const child = (key: string) => readChildren(numbers(tree, key, where, splits), where, firstSplit, firstLeaf, leaves);
  const [left, right] = [child('left_child'), child('right_child')];
  ensemble.gains.set(numbers(tree, 'split_gain', where, splits), firstSplit);
  for (let split = 0; split < splits; split++) {
    const node = firstSplit + split;
    const feature = features[split]!;
    const threshold = thresholds[split]!;
    if (!(Number.isInteger(feature) && feature >= 0 && feature < ensemble.columns)) {
      unreadable(`${where} splits on feature ${feature} of ${ensemble.columns}`);
    }
    if (Number.isNaN(threshold)) unreadable(`${where} has a threshold that is not a number`);
    ensemble.features[node] = feature;
    ensemble.thresholds[node] = outsideZero(threshold);
    ensemble.children[2 * node] = left[split]!;
    ensemble.children[2 * node + 1] = right[split]!;
    ensemble.missing[node] = (missingGoesLeft(decisions[split]!, threshold, where) ? left : right)[split]!;
  }
}

/** Converts the node numbers of a tree's text (splits from 0, leaves ~0, ~1, ...) to those of the whole ensemble. */
function readChildren(children: number[], where: string, firstSplit: number, firstLeaf: number, leaves: number) {
  return children.map((child, split) => {
    // LightGBM numbers splits in the order of creation, so a child comes after its parent and there is no cycle.
    const valid = Number.isInteger(child) && (child >= 0 ? child > split && child < leaves - 1 : ~child < leaves);
    if (!valid) unreadable(`${where} has a bad child ${child} at split ${split}`);
    return child >= 0 ? firstSplit + child : ~(firstLeaf + ~child);
  });
}

/**
 * LightGBM replaces a value within the zero threshold by 0 before it compares. Moving the split threshold out of that
 * range gives the same decisions without a test per value.
 */
function outsideZero(threshold: number): number {
  if (threshold >= ZERO_THRESHOLD || threshold < -ZERO_THRESHOLD) return threshold;
  return threshold >= 0 ? ZERO_THRESHOLD : BELOW_ZERO_THRESHOLD;
}

function missingGoesLeft(decision: number, threshold: number, where: string): boolean {
  if (decision & CATEGORICAL) unreadable(`${where} splits on categories`);
  const missing = (decision >> MISSING_SHIFT) & 3;
  if (missing === MISSING_IS_ZERO) unreadable(`${where} treats zeros as missing (zero_as_missing)`);
  if (missing === MISSING_IS_NAN) return (decision & DEFAULT_LEFT) !== 0;
  // Trained without a missing value in this column: LightGBM treats NaN as 0.
  return threshold >= 0;
}
