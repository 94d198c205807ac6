import type { Modulus, Target } from '../../model/target.ts';

/**
 * The three ways in which Jo, Choi, Kim and Min choose training and test rows. 1: at random; materials with the focus
 * element (Na in the paper) are in the test set only. 2: at random; materials with the focus element are on both sides.
 * 3: stratified; labels at or above a threshold are always in training.
 */
export type SamplingModel =
  | { readonly model: 1; readonly focusElement: string }
  | { readonly model: 2 }
  | { readonly model: 3; readonly trainFromGpa: Readonly<Partial<Record<Target, number>>> };

/** The paper's thresholds (G >= 120 GPa in one place of its text). */
export const PAPER_TRAIN_FROM_GPA = { g_vrh: 200, k_vrh: 350 } as const satisfies Record<Modulus, number>;

/**
 * Whether a label must be in training: Model 3's few stiff materials are too rare to divide. False for an unknown
 * modulus (NaN).
 */
export function mustTrain(model: SamplingModel, target: Target, valueGpa: number): boolean {
  return model.model === 3 && valueGpa >= (model.trainFromGpa[target] ?? Number.POSITIVE_INFINITY);
}
