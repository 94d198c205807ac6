import { Command, InvalidArgumentError, Option } from 'commander';
import { FORMATS_BY_EXTENSION, OUTPUT_FORMATS, type OutputFormat } from '../adapters/writers/table-format.ts';
import { FEATURE_SETS, type FeatureSet } from '../featurizers/feature-schema.ts';
import type { CellChoice } from '../featurizers/mp-properties.ts';
import { AppError } from '../model/app-error.ts';
import { runFeaturize } from './featurize/run-featurize.ts';
import { assertCompressible, formatOfName } from './output-format.ts';
import { TABLE_HELP, type TableFlags, tableOptions, withTableOptions } from './table-flags.ts';

const WORKERS_MAX = 256;

const HELP_AFTER = `
Inputs are CIF, POSCAR or CONTCAR, pymatgen JSON, JSON lines (.jsonl), OUTCAR, vasprun.xml, pw.x output (.pwo, .xml),
extended XYZ and ASE's databases, each also with .gz, folders of them, - for JSON lines on standard input, and
tables. One vector of numbers comes out for each structure, in input order.

${TABLE_HELP.trim()}

Feature sets:
  all    281 features: 8 Materials Project properties, 145 of composition, 128 of structure
  c+s    composition and structure
  c      composition
  s      structure
  paper  all but formation energy and energy above hull
  all+g, paper+g, c+s+g
         the same with 77 features of bonds and geometry (elements' moduli, bonds, springs, angles)
  g      bonds and geometry alone

Formats (by the name of the output, else by --format; add .gz to jsonl or csv to compress):
  jsonl    a first line {schema, labels, units}, then {material_id, features}; null where a value is not known
  csv      a header line, then one line per structure; empty where a value is not known;
           a text that a spreadsheet would compute (it begins with = + - @) gets an apostrophe before it
  parquet  one column per feature; units and schema are in the metadata

Examples:
  elastream featurize cifs/ -o features.jsonl
  elastream featurize POSCAR CONTCAR -o features.csv
  elastream featurize structures.jsonl.gz -o features.parquet --features c+s --rejected rejected.jsonl
  zcat structures.jsonl.gz | elastream featurize - | head -3

A file is written as OUT.partial and renamed when complete. Ctrl-C leaves OUT.partial; --resume goes on from there.

Exit codes:
  0    done; the closing lines count what was rejected, and say why
  1    a failure of elastream itself, or output that cannot be written
  2    no structure could be read, the command line is wrong, or --strict and something was rejected
  130  interrupted`;

interface FeaturizeOptions extends TableFlags {
  readonly output: string;
  readonly features: FeatureSet;
  readonly format?: OutputFormat;
  readonly workers?: number;
  readonly rejected?: string;
  readonly cell: CellChoice;
  readonly strict?: true;
  readonly resume?: true;
  readonly quiet?: true;
}

/** `elastream featurize <input...>`: crystal structures to feature vectors. */
export function featurizeCommand(): Command {
  const command = new Command('featurize')
    .summary('crystal structures to feature vectors')
    .description("Turns crystal structures into matminer's features.")
    .argument('<input...>', 'files, folders, or - for JSON lines on standard input')
    .option('-o, --output <file>', 'where to write; - for standard output', '-')
    .addOption(new Option('--features <set>', 'which features').choices(FEATURE_SETS).default('all'))
    .addOption(new Option('--format <format>', 'by default as the output is named, else jsonl').choices(OUTPUT_FORMATS))
    .option('--workers <n>', 'threads; by default one per core', parseWorkers)
    .option('--rejected <file>', 'write what was rejected, and why, as JSON lines')
    .addOption(
      new Option('--cell <cell>', 'whose volume and number of sites: the primitive cell, or the one given')
        .choices(['primitive', 'as-given'])
        .default('primitive'),
    )
    .option('--strict', 'exit with 2 if anything was rejected')
    .option('--resume', 'go on where the same command was interrupted')
    .option('-q, --quiet', 'no progress, and no closing line unless something was rejected');
  return withTableOptions(command).addHelpText('after', HELP_AFTER).action(run);
}

function parseWorkers(text: string): number {
  const workers = Number(text);
  if (Number.isInteger(workers) && workers >= 1 && workers <= WORKERS_MAX) return workers;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${WORKERS_MAX}.`);
}

async function run(inputs: string[], options: FeaturizeOptions): Promise<void> {
  const { output, features: set, cell, workers, rejected } = options;
  const format = options.format ?? formatOfName(output, FORMATS_BY_EXTENSION, 'jsonl');
  assertCompressible(output, format);
  if (options.resume && (output === '-' || format === 'parquet')) {
    throw new AppError('invalid_argument', '--resume needs an output file (-o) in jsonl or csv');
  }
  if (rejected === '-') {
    throw new AppError('invalid_argument', '--rejected needs a file, not standard output');
  }
  await runFeaturize({
    inputs,
    table: tableOptions(options),
    output,
    settings: { set, cell, format },
    workers,
    strict: options.strict ?? false,
    resume: options.resume ?? false,
    quiet: options.quiet ?? false,
    ...(rejected !== undefined && { rejected }),
  });
}
