import { z } from 'zod';
import { METHOD_KINDS } from '../model/label.ts';
import { STRUCTURE_FORMATS } from '../model/recipe.ts';
import { espresso } from './espresso-schema.ts';
import { argument, programRuns } from './program-schema.ts';
import { BATCH_MAX, count, text } from './value-schema.ts';

const rate = z.number().min(0).max(1);

const kind = {
  description:
    '`replay` reveals hidden labels; `simulated` makes labels up from the structure; `manual` waits for [people](#calculations-by-people); `command` starts [a program of yours](calculators.md); `espresso` calculates [with Quantum ESPRESSO](espresso.md)',
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

/** Settings of calculators that only rehearse. */
const patience = {
  attempts,
  expire_after_seconds: z.number().positive().default(86_400).meta({
    unit: 's',
    description:
      'when a calculation is no longer waited for; with `manual`, `command` and `espresso` never, unless it is set',
  }),
  min_results,
  max_wait_seconds,
};

/** Settings of calculators that may take weeks. */
const longPatience = {
  attempts,
  expire_after_seconds: z.number().positive().optional(),
  min_results,
  max_wait_seconds,
};

/** How people calculate. */
const method = z.strictObject({
  kind: z.enum(METHOD_KINDS).default('dft').meta({
    description:
      'what it is; `potential` of an interatomic potential; `simulated` for a rehearsal with made-up numbers',
  }),
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
      ...longPatience,
    }),
    z.strictObject({
      kind: z.literal('command'),
      argv: z
        .array(argument)
        .min(1)
        .max(1_000)
        .meta({
          form: 'list of texts',
          description: 'the program and its arguments, which no shell sees',
          example: ['python3', '/opt/moduli.py', '{structure}'],
        }),
      structure: z
        .enum(STRUCTURE_FORMATS)
        .default('poscar')
        .meta({ description: 'how the program is given the structure' }),
      method: method.required({ code: true }),
      ...programRuns,
      ...longPatience,
    }),
    z.strictObject({ kind: z.literal('espresso'), ...programRuns, ...espresso, ...longPatience }),
  ])
  .meta({ form: 'table', description: 'who calculates' });

export type CalculatorFile = z.output<typeof calculator>;
