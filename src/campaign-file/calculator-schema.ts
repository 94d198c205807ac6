import { z } from 'zod';
import { METHOD_KINDS } from '../model/label.ts';
import { BATCH_MAX, count, text } from './value-schema.ts';

const rate = z.number().min(0).max(1);

const kind = {
  description:
    '`replay` reveals hidden labels; `simulated` makes labels up from the structure; `manual` waits for [people](#calculations-by-people)',
};

/** Settings of calculators that can rehearse trouble. */
const mishapRates = {
  failure_rate: rate.default(0).meta({ unit: 'of the calculations', description: 'fail, to rehearse trouble' }),
  never_returning_rate: rate.default(0).meta({ unit: 'of the calculations', description: 'are never heard of again' }),
  delay_seconds: z.number().min(0).default(0).meta({ unit: 's', description: 'how long each takes' }),
};

const attempts = count(1, 100).default(3).meta({ description: 'before a material is abandoned' });
const min_results = count(1, BATCH_MAX).optional().meta({
  unit: 'per round',
  description: 'closes a round once so many of its calculations have a label; without it all are waited for',
  example: 20,
});
const max_wait_seconds = z.number().positive().optional().meta({
  unit: 's',
  description: 'closes a round after so long, with the labels that are there; without it all are waited for',
  example: 604_800,
});

/** Settings of every calculator that is a program. */
const patience = {
  attempts,
  expire_after_seconds: z.number().positive().default(86_400).meta({
    unit: 's',
    description: 'when a calculation is no longer waited for; with `manual` never, unless it is set',
  }),
  min_results,
  max_wait_seconds,
};

/** How people calculate. */
const method = z.strictObject({
  kind: z
    .enum(METHOD_KINDS)
    .default('dft')
    .meta({ description: 'what it is; `simulated` for a rehearsal with made-up numbers' }),
  code: text.optional().meta({ description: 'program and version: VASP 6.4' }),
  functional: text.optional().meta({ description: 'PBE, PBEsol' }),
  relaxed_ion: z.boolean().optional().meta({ description: 'whether ions relax in the strained cell' }),
});

export const calculator = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('replay').meta(kind), ...mishapRates, ...patience }),
    z.strictObject({ kind: z.literal('simulated'), ...mishapRates, ...patience }),
    z.strictObject({
      kind: z.literal('manual'),
      method: method.prefault({}).meta({
        description: 'how you calculate, as the labels will say',
        example: { kind: 'dft', code: 'VASP 6.4', functional: 'PBE', relaxed_ion: true },
      }),
      attempts,
      expire_after_seconds: z.number().positive().optional(),
      min_results,
      max_wait_seconds,
    }),
  ])
  .meta({ form: 'table', description: 'who calculates' });
