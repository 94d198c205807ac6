import { z } from 'zod';
import { BETA_DEFAULT, XI_DEFAULT } from '../learning/campaign/campaign-config.ts';
import { CONFIDENCE_DEFAULT, ERROR_SHARE_DEFAULT } from '../learning/campaign/stop-figures.ts';
import { BATCH_MAX, count, openFraction, targetName } from './value-schema.ts';

export const DEFAULT_STRATEGY = 'exploration';
const DIVERSITY_MAX = 20;

/** What a target's value should lie between. */
const limits = z
  .strictObject({
    low: z.number().optional().meta({ description: 'smallest value that is wanted' }),
    high: z.number().optional().meta({ description: 'largest value that is wanted' }),
  })
  .refine(({ low, high }) => low !== undefined || high !== undefined, 'give low, high or both')
  .refine(({ low, high }) => low === undefined || high === undefined || low < high, 'low must be less than high')
  .meta({ form: 'table, with `low`, `high` or both', unit: 'of the target', description: 'of one of `targets`' });

/** Settings of every strategy. */
const choice = {
  batch: count(1, BATCH_MAX).meta({ unit: 'per round', description: 'calculations per round' }),
  weights: z
    .record(targetName, z.number().min(0).meta({ description: 'of each of `targets`', filledIn: 1 }))
    .default({})
    .meta({ description: 'what each target counts for in the choice', example: { g_vrh: 1, k_vrh: 1 } }),
  diversity: count(2, DIVERSITY_MAX).optional().meta({
    unit: 'times the batch',
    description: 'of so many best ones those are calculated that lie far apart; without it the best',
    example: 4,
  }),
  constraints: z
    .record(targetName, limits)
    .optional()
    .meta({
      description: 'what values should satisfy besides: see [strategies](#strategies)',
      example: { k_vrh: { low: 20, high: 400 } },
    }),
};

const direction = {
  goal: z
    .enum(['max', 'min'])
    .default('max')
    .meta({ description: 'whether the largest or the smallest values are wanted' }),
};

/** Settings of strategies that seek extreme values of one number. */
const directed = {
  ...direction,
  combine: z
    .enum(['sum', 'max'])
    .default('sum')
    .meta({ description: 'targets as their sum, or the largest one alone' }),
};

const improvement = {
  xi: z.number().min(0).max(100).default(XI_DEFAULT).meta({
    unit: 'STDEV of the labels',
    description: 'how much better than the best label is an improvement',
  }),
  ...directed,
  ...choice,
};

export const acquisition = z
  .discriminatedUnion('strategy', [
    z.strictObject({
      strategy: z.literal(DEFAULT_STRATEGY).optional().meta({
        description:
          '`greedy`, `ucb`, `ei`, `pi`, `thompson` seek extreme values, `pareto` those of two targets at once, `range` values within limits: see [strategies](#strategies)',
        filledIn: DEFAULT_STRATEGY,
      }),
      spread: z
        .enum(['absolute', 'relative'])
        .default('absolute')
        .meta({ description: 'whether the STDEV counts in STDEVs of the labels, or relative to the prediction' }),
      ...choice,
    }),
    z.strictObject({ strategy: z.literal('random'), ...choice }),
    z.strictObject({ strategy: z.literal('greedy'), ...directed, ...choice }),
    z.strictObject({
      strategy: z.literal('ucb'),
      beta: z
        .number()
        .min(0)
        .max(100)
        .default(BETA_DEFAULT)
        .meta({ unit: 'STDEV', description: 'what one STDEV counts for beside the mean' }),
      ...directed,
      ...choice,
    }),
    z.strictObject({ strategy: z.literal('ei'), ...improvement }),
    z.strictObject({ strategy: z.literal('pi'), ...improvement }),
    z.strictObject({ strategy: z.literal('thompson'), ...directed, ...choice }),
    z.strictObject({ strategy: z.literal('pareto'), ...direction, ...choice }),
    z.strictObject({
      strategy: z.literal('range'),
      ranges: z
        .record(targetName, limits)
        .meta({ description: 'limits of the wanted values', example: { g_vrh: { low: 100, high: 200 } } }),
      ...choice,
    }),
  ])
  .meta({ form: 'table', description: 'how to choose' });

/** A limit for each target that is named. */
const below = (description: string, example: object) =>
  z
    .record(targetName, z.number().positive().meta({ unit: 'of the target', description: 'of one of `targets`' }))
    .optional()
    .meta({ description, example });

export const stop = z
  .strictObject({
    labels: count(1).optional().meta({ unit: 'labels', description: 'labels acquired', example: 250 }),
    rounds: count(0).optional().meta({
      unit: 'rounds',
      description: 'rounds that choose; one more trains on everything and only measures; 0: that one alone',
      example: 10,
    }),
    mae_below: below("the upper confidence limit of the reserve's MAE: see [stop rules](#stop-rules)", {
      g_vrh: 8,
      k_vrh: 11,
    }),
    errors_below: below('the upper confidence limit of what `error_share` of the errors stay below', { g_vrh: 20 }),
    error_share: openFraction
      .default(ERROR_SHARE_DEFAULT)
      .meta({ unit: 'of the errors', description: 'how many errors `errors_below` means' }),
    confidence: openFraction
      .default(CONFIDENCE_DEFAULT)
      .meta({ description: 'of the limits of `mae_below` and `errors_below`, over all rounds together' }),
    gain_below: below("what the next batch may still take off the reserve's MAE", { g_vrh: 0.02 }),
    uncertainty_below: below("the candidates' mean STDEV, calibrated by the reserve", { g_vrh: 4 }),
    unimproved_rounds: count(1).optional().meta({
      unit: 'rounds',
      description: 'rounds without a better label',
      example: 5,
    }),
  })
  .prefault({})
  .meta({ description: 'whichever comes first; an empty pool always stops' });
