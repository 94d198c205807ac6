import { z } from 'zod';
import { count } from './value-schema.ts';

/*
 * Settings of every calculator that starts programs: with which limits, by whom, where.
 */

/** What passes to a batch queue or over SSH as an argument of its own, never through a shell. */
const word = z
  .string()
  .regex(/^[\w.@:+-]{1,200}$/, 'use letters, digits and . _ @ : + - alone')
  .meta({ form: 'word' });

const queue = {
  partition: word.optional().meta({ description: "its partition; without it the queue's own choice", example: 'main' }),
  account: word.optional().meta({ description: 'who pays', example: 'mine' }),
  options: z
    .array(z.string().regex(/^-[\x20-\x7e]{1,200}$/, 'give each as one argument, such as --qos=low'))
    .optional()
    .meta({ form: 'list of texts', description: 'further arguments for each job', example: ['--qos=low'] }),
  jobs_max: count(1, 100_000)
    .default(1_000)
    .meta({ unit: 'jobs', description: 'those that are submitted and have not ended' }),
  poll_seconds: z
    .number()
    .min(1)
    .max(3_600)
    .default(15)
    .meta({ unit: 's', description: 'between two questions, whatever the number of jobs' }),
  ssh: word
    .refine((host) => !host.startsWith('-'), 'give user@host')
    .optional()
    .meta({ form: 'user@host', description: 'where its programs are, with `run_dir` shared', example: 'me@host' }),
};

const launcher = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('local').meta({ description: 'this machine, or a batch queue', example: 'local' }),
    parallel: count(1, 1_000).default(1).meta({ unit: 'programs', description: 'how many at a time' }),
  }),
  z.strictObject({ kind: z.literal('slurm'), ...queue }),
  z.strictObject({ kind: z.literal('pbs'), ...queue }),
  z.strictObject({ kind: z.literal('lsf'), ...queue }),
]);

export const programRuns = {
  cores: count(1, 100_000).default(1).meta({ unit: 'per program', description: 'what each may use' }),
  memory_mib: count(1).default(2_048).meta({ unit: 'MiB per program', description: 'its memory' }),
  minutes: count(1, 525_600).default(60).meta({ unit: 'min per program', description: 'its time' }),
  launcher: launcher.prefault({ kind: 'local' }).meta({ description: 'who starts programs' }),
  run_dir: z.string().trim().min(1).max(1_000).optional().meta({
    form: 'path',
    description:
      "folder of the runs; a relative one lies in `runs` of the campaign's directory, which it is without the key",
    example: 'runs',
  }),
  core_hours_max: z.number().positive().optional().meta({
    unit: 'core-hours',
    description: "the campaign's budget: once it is spent, no calculation begins",
    example: 1_000,
  }),
};

export const argument = z
  .string()
  .max(4_096)
  .refine((value) => !value.includes('\0'), 'a program can be given no NUL');
