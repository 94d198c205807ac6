import type { Modulus, Target } from '../../model/target.ts';

/**
 * The three ways in which Jo, Choi, Kim and Min choose training and test rows.
 * 1: at random, every material with the focus element (theirs: Na) only in the test set.
 * 2: at random, the focus element on both sides.
 * 3: stratified, labels at or above a threshold always in training.
 */
export type SamplingModel =
  | { readonly model: 1; readonly focusElement: string }
  | { readonly model: 2 }
  | { readonly model: 3; readonly trainFromGpa: Readonly<Partial<Record<Target, number>>> };

/** The paper's thresholds (G >= 120 GPa in one place of its text). */
export const PAPER_TRAIN_FROM_GPA = { g_vrh: 200, k_vrh: 350 } as const satisfies Record<Modulus, number>;

/** Whether a label must train: Model 3's stiff tail is too thin to be divided. An unknown modulus (NaN) never must. */
export function mustTrain(model: SamplingModel, target: Target, valueGpa: number): boolean {
  return model.model === 3 && valueGpa >= (model.trainFromGpa[target] ?? Number.POSITIVE_INFINITY);
}
