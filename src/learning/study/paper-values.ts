import type { Modulus } from '../../model/target.ts';

/*
 * What Jo, Choi, Kim and Min report, "Machine learning aided materials design platform for predicting the mechanical
 * properties of Na-ion solid-state electrolytes". GPa; R2 has no unit. What a figure shows without a number is left out.
 */

/** A mean over random states, and its STDEV where it is stated. */
export interface Spread {
  readonly mean: number;
  readonly standardDeviation?: number;
}

export type ByModulus<T> = Readonly<Record<Modulus, T>>;

export const PAPER = {
  database: { entries: 13_116, left: 12_361, focus: 442, sharesPercent: { g_vrh: 90.0, k_vrh: 89.8 } },
  /** Fig. 3a: all features. */
  allFeatures: { g_vrh: { r2: { mean: 0.734 } }, k_vrh: { r2: { mean: 0.877 } } },
  /** The final model: Model 3 without formation energy and energy above hull. */
  finalModel: {
    g_vrh: { r2: { mean: 0.72, standardDeviation: 0.016 }, mae: { mean: 11.8 } },
    k_vrh: { r2: { mean: 0.874, standardDeviation: 0.006 }, mae: { mean: 15.3 } },
  },
  /** Fig. 3b: how many of the 25 most important features describe the structure. */
  structuralOf25: { g_vrh: 12, k_vrh: 9 },
  /** Fig. 5, on the candidates. */
  candidates: {
    count: 2_432,
    mae: {
      g_vrh: { mean: 8.76, standardDeviation: 0.268 },
      k_vrh: { mean: 13.4, standardDeviation: 0.256 },
    },
    certainPercent: { g_vrh: 89, k_vrh: 93 },
    stiffest: { g_vrh: 163, k_vrh: 228 },
  },
  /** Fig. 6: 2,000 candidates added at random. */
  randomLoop: {
    added: 2_000,
    mae: {
      g_vrh: { mean: 5.27, standardDeviation: 0.256 },
      k_vrh: { mean: 8.13, standardDeviation: 0.651 },
    },
  },
} as const;

/** STDEV up to which Fig. 5 calls a prediction certain, GPa. */
export const CERTAIN_GPA: ByModulus<number> = { g_vrh: 6, k_vrh: 10 };
/** Up to where Fig. 2 counts, GPa. */
export const COMMON_GPA: ByModulus<number> = { g_vrh: 100, k_vrh: 200 };
