import { type ContentHash, contentHash } from './content-hash.ts';
import type { AcceptedLabels, LabelMethod } from './label.ts';
import { sortedJson } from './sorted-json.ts';

/** How a rehearsed calculation misbehaves. Each chance is drawn by hash, so it is the same in every run. */
export interface MishapRates {
  /** The fraction of attempts that fail. */
  readonly failureRate: number;
  /** The fraction of calculations that no attempt ever finishes. */
  readonly neverReturningRate: number;
  /** The mean delay; an attempt takes between 0.5 and 1.5 times as long. */
  readonly delaySeconds: number;
}

export interface Mishaps extends MishapRates {
  /** Labels that a campaign reveals belong to it alone, so no other campaign shares its calculations. */
  readonly campaign: string;
  readonly seed: number;
}

/** Reveals a label that is already known. */
export interface ReplayRecipe extends Mishaps {
  readonly kind: 'replay';
  /** The most trusted label set first. */
  readonly labels: readonly AcceptedLabels[];
}

/** Answers with a formula that behaves like moduli but is not physical. */
export interface SimulatedRecipe extends Mishaps {
  readonly kind: 'simulated';
}

/** Waits for people, who calculate by their own means. */
interface ManualRecipe {
  readonly kind: 'manual';
  /** What is answered belongs to the campaign that asked. */
  readonly campaign: string;
  readonly method: LabelMethod;
}

/** Elastic tensors by Quantum ESPRESSO. It holds what changes numbers, so neither paths nor how it is run. */
export interface EspressoRecipe {
  readonly kind: 'espresso';
  /** Raised when the same settings would give other numbers. */
  readonly procedure: 1;
  /** SHA-256 of the file, by element. */
  readonly pseudopotentials: Readonly<Record<string, string>>;
  /** Of the wave functions, Ry; by element the largest of a material counts. */
  readonly cutoffRy: number | Readonly<Record<string, number>>;
  /** The largest distance of k-points, 1/Angstrom, with 2 pi. */
  readonly kSpacing: number;
  /** Marzari-Vanderbilt's width; 0 for fixed occupations. */
  readonly smearingRy: number;
  /** Amplitudes of the strains, of both signs. */
  readonly strains: readonly number[];
  /** False: all six axes are strained, whatever the symmetry. */
  readonly isSymmetryReduced: boolean;
  /** What may be left of the stress when the cell counts as relaxed. */
  readonly stressMaxGpa: number;
}

export const STRUCTURE_FORMATS = ['poscar', 'cif', 'json'] as const;
export type StructureFormat = (typeof STRUCTURE_FORMATS)[number];

/** Any program that reads a structure and writes moduli: campaigns that run the same one share its calculations. */
export interface CommandRecipe {
  readonly kind: 'command';
  /** With placeholders, as the campaign file has it. */
  readonly argv: readonly string[];
  readonly structure: StructureFormat;
  readonly method: LabelMethod;
}

export type Recipe = ReplayRecipe | SimulatedRecipe | ManualRecipe | CommandRecipe | EspressoRecipe;

/** JSON with sorted keys and without spaces: equal recipes give equal texts. */
export function recipeText(recipe: Recipe): string {
  return sortedJson(recipe);
}

/** Whether people answer for a calculation of this recipe, so that no service works on it. */
export function isForPeople(recipe: string): boolean {
  try {
    return (JSON.parse(recipe) as Partial<Recipe> | null)?.kind === 'manual';
  } catch {
    return false;
  }
}

/** Names a calculation: all campaigns that request the same recipe for the same material version share it. */
export function calculationId(materialHash: ContentHash, recipe: string): ContentHash {
  return contentHash('calculation', [materialHash, recipe]);
}
