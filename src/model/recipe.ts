import { type ContentHash, contentHash } from './content-hash.ts';
import type { AcceptedLabels } from './label.ts';
import { sortedJson } from './sorted-json.ts';

/** How a calculation that only pretends misbehaves: each chance is drawn by hash, the same in every run. */
export interface MishapRates {
  /** Share of the attempts that fail. */
  readonly failureRate: number;
  /** Share of the calculations that no attempt ever ends. */
  readonly neverReturningRate: number;
  /** The mean; an attempt takes between half and one and a half times as long. */
  readonly delaySeconds: number;
}

export interface Mishaps extends MishapRates {
  /** What a campaign reveals is scoped to it, so no other campaign shares its calculations. */
  readonly campaign: string;
  readonly seed: number;
}

/** Reveal a label that is known already. */
export interface ReplayRecipe extends Mishaps {
  readonly kind: 'replay';
  /** Most trusted first. */
  readonly labels: readonly AcceptedLabels[];
}

/** Answer with a formula that behaves like moduli and is none. */
export interface SimulatedRecipe extends Mishaps {
  readonly kind: 'simulated';
}

export type Recipe = ReplayRecipe | SimulatedRecipe;

/** JSON with sorted keys and without spaces: equal recipes are equal texts. */
export function recipeText(recipe: Recipe): string {
  return sortedJson(recipe);
}

/** Names a calculation: whoever wants the same of the same material version shares it. */
export function calculationId(materialHash: ContentHash, recipe: string): ContentHash {
  return contentHash('calculation', [materialHash, recipe]);
}
