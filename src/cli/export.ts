import { Command, InvalidArgumentError, Option } from 'commander';
import { FORMATS_BY_EXTENSION, OUTPUT_FORMATS, type OutputFormat } from '../adapters/writers/table-format.ts';
import { grouped } from '../text/progress-text.ts';
import { EXPORTS, type ExportName, runExport } from './export/run-export.ts';
import { assertCompressible, formatOfName } from './output-format.ts';

const HELP_AFTER = `
What there is, moduli and errors in GPa:
  predictions  material_id, formula, set (candidate, test, reserve), mean and stdev over the members and the calculated value of
               each target, of one round: the latest that is trained, unless --round says otherwise
  rounds       labels, errors and seconds of each round, as 'elastream run --json' prints them
  calibrations how each round's STDEV becomes an error bar, by the reserve: scale, conformal quantiles, per target and group
  uncertainty  how far that was right: coverage and width at 68, 90, 95 % by the raw, the scaled STDEV and the conformal
               interval, mean squared z, rank correlation, on test set, reserve and batch (docs/uncertainty.md)
  selections   what each round chose: rank, score, prediction, outcome, calculated value, and why
  members      each member's models: hash, errors on its held-out labels, seconds, engine
  labels       the labels that the campaign acquired, and where they come from
  split        the test set, and what each member trains on per target, of one round: the latest unless told otherwise
  rejections   what the directory's campaigns have refused: where it stands, and why

Formats (by the name of the output, else by --format; add .gz to jsonl or csv to compress):
  csv      a header line, then one line per row; empty where a value is not known;
           a text that a spreadsheet would compute (it begins with = + - @) gets an apostrophe before it
  jsonl    one object per row; null where a value is not known
  parquet

The campaign may still be running. Only the log and the models are read.

Examples:
  elastream export --dir quickstart | head -3
  elastream export --dir quickstart --round 1 -o predictions.parquet
  elastream export --dir quickstart --what selections -o chosen.csv
  elastream export --dir quickstart --what rounds --campaign quickstart-random --format jsonl | jq .test_mae_g_vrh`;

interface ExportFlags {
  readonly what: ExportName;
  readonly output: string;
  readonly format?: OutputFormat;
  readonly campaign?: string;
  readonly round?: number;
}

/** `elastream export --dir DIR`: a campaign's tables for other programs. */
export function exportCommand(): Command {
  return new Command('export')
    .summary("a campaign's predictions, rounds, selections, models, labels, split or rejections as a table")
    .description('Writes a table of a campaign as CSV, JSON lines or Parquet.')
    .argument('<dir>')
    .addOption(new Option('--what <table>', 'which table').choices(EXPORTS).default('predictions'))
    .option('-o, --output <file>', 'where to write; - for standard output', '-')
    .addOption(new Option('--format <format>', 'by default as the output is named, else csv').choices(OUTPUT_FORMATS))
    .option('--campaign <name>', 'which one, where the directory holds several')
    .option('--round <n>', 'of this round alone', roundNumber)
    .addHelpText('after', HELP_AFTER)
    .action(exportTable);
}

async function exportTable(directory: string, flags: ExportFlags): Promise<void> {
  const { what, output, campaign, round } = flags;
  const format = flags.format ?? formatOfName(output, FORMATS_BY_EXTENSION, 'csv');
  const compressed = output.endsWith('.gz');
  assertCompressible(output, format);
  const request = { directory, what, output, format, compressed };
  const rows = await runExport({
    ...request,
    ...(campaign !== undefined && { campaign }),
    ...(round !== undefined && { round }),
  });
  if (output !== '-') process.stderr.write(`${what}: ${grouped(rows)} rows in ${output}\n`);
}

function roundNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('Give a whole number from 1.');
}
