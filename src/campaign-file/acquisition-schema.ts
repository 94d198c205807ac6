import { z } from 'zod';
import { BETA_DEFAULT, XI_DEFAULT } from '../learning/campaign/campaign-config.ts';
import { BATCH_MAX, count, targetName } from './value-schema.ts';

export const DEFAULT_STRATEGY = 'exploration';

/** Settings of every strategy. */
const choice = {
  batch: count(1, BATCH_MAX).meta({ unit: 'per round', description: 'calculations per round' }),
  weights: z
    .record(targetName, z.number().min(0).meta({ description: 'of each of `targets`', filledIn: 1 }))
    .default({})
    .meta({ description: 'what each target counts for in the choice', example: { g_vrh: 1, k_vrh: 1 } }),
};

/** Settings of strategies that seek extreme values. */
const directed = {
  goal: z
    .enum(['max', 'min'])
    .default('max')
    .meta({ description: 'whether the largest or the smallest values are wanted' }),
};

const improvement = {
  xi: z.number().min(0).max(100).default(XI_DEFAULT).meta({
    unit: 'STDEV of the labels',
    description: 'how much better than the best label is an improvement',
  }),
  ...directed,
  ...choice,
};

/** What a target's value should lie between. */
const limits = z
  .strictObject({
    low: z.number().optional().meta({ description: 'smallest value that is wanted' }),
    high: z.number().optional().meta({ description: 'largest value that is wanted' }),
  })
  .refine(({ low, high }) => low !== undefined || high !== undefined, 'give low, high or both')
  .refine(({ low, high }) => low === undefined || high === undefined || low < high, 'low must be less than high')
  .meta({ form: 'table, with `low`, `high` or both', unit: 'of the target', description: 'of one of `targets`' });

export const acquisition = z
  .discriminatedUnion('strategy', [
    z.strictObject({
      strategy: z.literal(DEFAULT_STRATEGY).optional().meta({
        description:
          '`greedy`, `ucb`, `ei`, `pi` seek extreme values, `range` values within limits: see [strategies](#strategies)',
        filledIn: DEFAULT_STRATEGY,
      }),
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
    z.strictObject({
      strategy: z.literal('range'),
      ranges: z
        .record(targetName, limits)
        .meta({ description: 'limits of the wanted values', example: { g_vrh: { low: 100, high: 200 } } }),
      ...choice,
    }),
  ])
  .meta({ form: 'table', description: 'how to choose' });

export const stop = z
  .strictObject({
    labels: count(1).optional().meta({ unit: 'labels', description: 'labels acquired', example: 250 }),
    rounds: count(0).optional().meta({
      unit: 'rounds',
      description: 'rounds that choose; one more trains on everything and only measures; 0: that one alone',
      example: 10,
    }),
  })
  .default({})
  .meta({ description: 'whichever comes first; an empty pool always stops' });
