import { z } from 'zod';
import { AppError } from '../../model/app-error.ts';
import { METHOD_KINDS } from '../../model/label.ts';
import {
  type CommandRecipe,
  type EspressoRecipe,
  type ReplayRecipe,
  type SimulatedRecipe,
  STRUCTURE_FORMATS,
} from '../../model/recipe.ts';

const text = z.string().min(1).max(200);
const rate = z.number().min(0).max(1);

const mishaps = {
  campaign: text,
  seed: z.number().int().min(0),
  failureRate: rate,
  neverReturningRate: rate,
  delaySeconds: z.number().min(0),
};
const acceptedLabels = z.strictObject({
  labelSet: text,
  methods: z.array(z.enum(METHOD_KINDS)).min(1).exactOptional(),
});
const replay = z.strictObject({
  kind: z.literal('replay'),
  labels: z.array(acceptedLabels).min(1),
  ...mishaps,
});
const simulated = z.strictObject({
  kind: z.literal('simulated'),
  ...mishaps,
});

const command = z.strictObject({
  kind: z.literal('command'),
  argv: z.array(z.string()).min(1),
  structure: z.enum(STRUCTURE_FORMATS),
  method: z.strictObject({
    kind: z.enum(METHOD_KINDS),
    code: text.exactOptional(),
    functional: text.exactOptional(),
    relaxedIon: z.boolean().exactOptional(),
  }),
});

const espresso = z.strictObject({
  kind: z.literal('espresso'),
  procedure: z.literal(1),
  pseudopotentials: z.record(z.string(), z.string()),
  cutoffRy: z.union([z.number().positive(), z.record(z.string(), z.number().positive())]),
  kSpacing: z.number().positive(),
  smearingRy: z.number().min(0),
  strains: z.array(z.number().positive()).min(1),
  isSymmetryReduced: z.boolean(),
  stressMaxGpa: z.number().positive(),
});

/** @throws AppError `invalid_argument` for any other text */
export function parseEspressoRecipe(recipe: string): EspressoRecipe {
  return parsed(espresso, recipe);
}

/** @throws AppError `invalid_argument` for any other text */
export function parseCommandRecipe(recipe: string): CommandRecipe {
  return parsed(command, recipe);
}

/** @throws AppError `invalid_argument` for any other text */
export function parseReplayRecipe(recipe: string): ReplayRecipe {
  return parsed(replay, recipe);
}

/** @throws AppError `invalid_argument` for any other text */
export function parseSimulatedRecipe(recipe: string): SimulatedRecipe {
  return parsed(simulated, recipe);
}

function parsed<T>(schema: z.ZodType<T>, recipe: string): T {
  const result = schema.safeParse(jsonOf(recipe));
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the recipe'}: ${message}`);
  throw new AppError('invalid_argument', `this calculator cannot follow the recipe ${recipe}: ${issues.join('; ')}`);
}

function jsonOf(recipe: string): unknown {
  try {
    return JSON.parse(recipe);
  } catch (cause) {
    throw new AppError('invalid_argument', `the recipe ${recipe} is not JSON: write it with recipeText`, { cause });
  }
}
