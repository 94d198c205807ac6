/** The training settings of one booster, each with LightGBM's name. All other settings keep LightGBM's default. */
export interface BoosterConfig {
  /** num_iterations */
  readonly trees: number;
  /** num_leaves */
  readonly leavesMax: number;
  /** learning_rate */
  readonly learningRate: number;
  /** feature_fraction: the share of the features that a tree may choose from. */
  readonly featureFraction: number;
  /** max_bin: histogram bins per feature. */
  readonly binsMax: number;
  /** min_data_in_leaf */
  readonly rowsPerLeafMin: number;
  /** objective: `l1` fits medians instead of means; absent for `l2`. */
  readonly objective?: 'l1';
  /** bagging_fraction, drawn anew for each tree; absent for all rows. */
  readonly baggingFraction?: number;
  /** lambda_l2; absent for 0. */
  readonly lambdaL2?: number;
  /** extra_trees: of each feature one random threshold alone is tried. */
  readonly extraTrees?: true;
}

/** What distinguishes one kind of members from the others; the bins are the same for all. */
export type BoosterKind = Partial<Omit<BoosterConfig, 'binsMax'>>;

export const BOOSTER_PRESETS = {
  lightgbm: { trees: 100, leavesMax: 31, learningRate: 0.1, featureFraction: 1, binsMax: 255, rowsPerLeafMin: 20 },
  /**
   * Training spends most of its time on histograms, and a tree that sees 0.3 of the features in 63 bins builds far
   * fewer. The features are strongly correlated (five statistics of each property), so every tree still finds an
   * equivalent split. Measured on 9,012 DFT materials, 279 features, 20 members: one third of the CPU time; the
   * ensemble's MAE is 0.3 % (Model 3) to 0.8 % (Model 2, G) above that of LightGBM's defaults; R2 is equal within one
   * STDEV.
   */
  elastream: { trees: 100, leavesMax: 31, learningRate: 0.1, featureFraction: 0.3, binsMax: 63, rowsPerLeafMin: 20 },
  /** More trees that each see fewer features: up to twice the time of `elastream`. See docs/accuracy.md. */
  balanced: {
    ...{ trees: 300, leavesMax: 31, learningRate: 0.06, featureFraction: 0.1, binsMax: 63, rowsPerLeafMin: 10 },
  },
  /** Many small steps by members of different kinds (PRESET_KINDS): many times the time of `elastream` (docs/accuracy.md). */
  accurate: {
    ...{ trees: 1500, leavesMax: 31, learningRate: 0.03, featureFraction: 0.1, binsMax: 63, rowsPerLeafMin: 10 },
    ...{ baggingFraction: 0.8, lambdaL2: 1 },
  },
} as const satisfies Record<string, BoosterConfig>;

export type BoosterPreset = keyof typeof BOOSTER_PRESETS;

/** The kinds of members of one target; `others` for every target that is not named. */
type KindsByTarget = { readonly k_vrh: readonly BoosterKind[]; readonly others: readonly BoosterKind[] };

const FEW_EXTRA_TREES: BoosterKind = {
  ...{ trees: 400, leavesMax: 48, learningRate: 0.07, rowsPerLeafMin: 5, lambdaL2: 1, extraTrees: true },
};
const EXTRA_TREES: BoosterKind = {
  ...{ trees: 2000, leavesMax: 48, featureFraction: 0.15, rowsPerLeafMin: 5, extraTrees: true },
};

/**
 * Members of different kinds err differently, so their mean errs less than any of them. Fitting medians helps the bulk
 * modulus and not the shear modulus, whose small values are whole numbers.
 */
const PRESET_KINDS: Readonly<Partial<Record<BoosterPreset, KindsByTarget>>> = {
  balanced: { k_vrh: [{}, FEW_EXTRA_TREES, { objective: 'l1' }], others: [{}, FEW_EXTRA_TREES] },
  accurate: { k_vrh: [{ objective: 'l1' }, EXTRA_TREES, {}], others: [{}, EXTRA_TREES] },
};

/** The kinds of a preset's members for a target: one, if all are alike. */
export function presetKinds(preset: BoosterPreset, target: string): readonly BoosterKind[] {
  const kinds = PRESET_KINDS[preset];
  return kinds?.[target === 'k_vrh' ? 'k_vrh' : 'others'] ?? [{}];
}
