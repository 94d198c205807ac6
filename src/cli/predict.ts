import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { loadLightGbm } from '../adapters/lightgbm/native.ts';
import { provideLightGbmLibrary } from '../adapters/lightgbm/provide-library.ts';
import { readStructures } from '../adapters/sources/files/read-structures.ts';
import { openOutput } from '../adapters/writers/output-file.ts';
import type { StructureItem } from '../formats/input-unit.ts';
import { LEVELS } from '../learning/acquisition/calibration.ts';
import { AppError } from '../model/app-error.ts';
import { RejectedInput, type Rejection } from '../model/rejection.ts';
import { openPredictor, type Predictor, type StructurePrediction } from '../reading/structure-prediction.ts';
import { grouped } from '../text/progress-text.ts';
import { PLAIN, styleOf } from '../text/text-style.ts';
import { openCampaignLog, openCampaignModels } from './campaign/campaign-directory.ts';
import { assertCompressible, formatOfName } from './output-format.ts';
import {
  createPredictionSink,
  PREDICTION_FORMATS,
  type PredictionFormat,
  type PredictionSink,
} from './predict/prediction-sink.ts';
import { TABLE_HELP, type TableFlags, tableOptions, withTableOptions } from './table-flags.ts';

const HELP_AFTER = `
Structures are CIF, POSCAR or CONTCAR, pymatgen JSON, JSON lines, outputs of VASP and pw.x, extended XYZ, ASE's
databases and tables, also .gz, folders of all but tables, and - for JSON lines on standard input. The models are those
of the latest trained round; neither LightGBM nor the tables are needed.

${TABLE_HELP.trim()}

Each number is the mean over the members of the ensemble, with their STDEV (population form). Young's modulus E,
Poisson's ratio, Pugh's ratio K/G (above 1.75 ductile, else brittle) and Vickers hardness (Chen 2011, Tian 2012) are
those of an isotropic solid, computed for each member from its own G and K.

Where the campaign has a reserve, each modulus has an interval too: low to high is to hold --level of the true values of
materials like those of the pool, whatever the STDEV says (split conformal prediction, docs/uncertainty.md), and
calibrated_stdev is the STDEV times the factor that makes it as large as the errors of the reserve. Both are those of the
round whose models predict; materials outside the training domain have their own where the reserve holds 50 such.

A structure is marked as outside the training domain where it holds an element that no training material holds, or
where two or more of its features lie below or above those of all training materials. The STDEV then tells too little:
trees continue no trend.

Formats (by the name of the output, else by --format; add .gz to all but parquet to compress):
  table    for people (.txt)
  csv      a line per structure: mean_ and stdev_ of each property, as 'elastream export' names them, and of G and K
           calibrated_stdev_, low_ and high_ (empty without a reserve, or where nothing bounds them), interval_level
  parquet  the same columns
  jsonl    one object per line, all digits, as --json

--explain says under each structure which features add most to each modulus, in GPa, with their STDEV over the members,
and on which features the members disagree most: SHAP values, LightGBM's own (it needs its library). They add up to the
prediction. With --json all features, under explanation.

With --json one object per line: material_id, formula, campaign, round, simulated_labels; g_vrh, k_vrh, young_modulus,
homogeneous_poisson, pugh_ratio, vickers_hardness {chen, tian}, each {mean, stdev}, g_vrh and k_vrh also
{calibrated_stdev, low, high}, null where unbounded; interval_level; tendency, outside_training_domain,
new_elements, features_out_of_range, features_not_known.

Examples:
  elastream predict --dir quickstart POSCAR
  elastream predict --dir quickstart cifs/ -o predictions.csv
  gunzip -c structures.jsonl.gz | elastream predict --dir quickstart - --json | jq .g_vrh.mean

Exit codes:
  0    done; what was rejected is told on standard error
  1    a failure of elastream itself, or output that cannot be written
  2    no structure could be used, or the command line is wrong`;

interface PredictFlags extends TableFlags {
  readonly json?: true;
  readonly format?: PredictionFormat;
  readonly campaign?: string;
  readonly level: `${number}`;
  readonly output: string;
  readonly explain?: true;
}

/** `elastream predict --dir DIR STRUCTURE...`: what a campaign's ensemble says of other structures. */
export function predictCommand(): Command {
  const command = new Command('predict')
    .summary("elastic moduli of structures, by a campaign's models")
    .description('Predicts elastic moduli and what follows from them, and says how sure that is.')
    .argument('<dir>')
    .argument('<structure...>', 'files, folders, or - for JSON lines on standard input')
    .addOption(
      new Option('--format <format>', 'by default as the output is named, else table').choices(PREDICTION_FORMATS),
    )
    .addOption(new Option('--json', 'one object per line, with all digits').implies({ format: 'jsonl' }))
    .option('--campaign <name>', 'which one, where the directory holds several')
    .addOption(
      new Option('--level <percent>', 'of the intervals')
        .choices(LEVELS.map((level) => `${100 * level}`))
        .default('95'),
    )
    .option('--explain', 'what each feature adds to G and K (SHAP values), and where the members disagree')
    .option('-o, --output <file>', 'where to write; - for standard output', '-');
  return withTableOptions(command).addHelpText('after', HELP_AFTER).action(predict);
}

async function predict(directory: string, structures: readonly string[], flags: PredictFlags): Promise<void> {
  const { campaign, output: path } = flags;
  if (path !== '-' && structures.some((input) => resolve(input) === resolve(path))) {
    throw new AppError('invalid_argument', `${path} is both input and output; write to another file`);
  }
  const format = flags.format ?? formatOfName(path, FORMATS_BY_EXTENSION, 'table');
  assertCompressible(path, format);
  if (flags.explain && format !== 'table' && format !== 'jsonl') {
    throw new AppError('invalid_argument', `--explain gives ${format} no columns: write a table or --json`);
  }
  const log = openCampaignLog(directory);
  const level = Number(flags.level) / 100;
  const why = flags.explain && { contributions: loadLightGbm((await provideLightGbmLibrary()).path).contributions };
  const opening = openPredictor(log, () => openCampaignModels(directory), campaign, { level, ...why });
  const predictor = await opening.finally(() => log.close());
  const output = await openOutput(path);
  try {
    const style = path === '-' ? styleOf(process.stdout) : PLAIN;
    const options = { format, compressed: path.endsWith('.gz'), style };
    const input = { table: tableOptions(flags), onNote: (line: string) => void process.stderr.write(`${line}\n`) };
    await predictAll(predictor, readStructures(structures, input), createPredictionSink(output, predictor, options));
    await output.commit();
  } catch (error) {
    await output.discard();
    throw error;
  }
}

const FORMATS_BY_EXTENSION: Readonly<Record<string, PredictionFormat>> = {
  txt: 'table',
  csv: 'csv',
  parquet: 'parquet',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
};

/** @throws AppError `input_unreadable` where no structure could be used */
async function predictAll(
  predictor: Predictor,
  structures: AsyncIterable<StructureItem>,
  sink: PredictionSink,
): Promise<void> {
  const tally = { predicted: 0, rejected: 0 };
  for await (const item of structures) {
    const found = predicted(predictor, item);
    if ('code' in found) {
      tally.rejected++;
      process.stderr.write(rejectionLine(found));
      continue;
    }
    tally.predicted++;
    await sink.add(found);
  }
  if (tally.predicted === 0) {
    throw new AppError('input_unreadable', 'no structure could be used, so nothing was predicted');
  }
  await sink.finish();
  if (tally.rejected > 0) {
    process.stderr.write(`${grouped(tally.predicted)} predicted, ${grouped(tally.rejected)} rejected\n`);
  }
}

function predicted(predictor: Predictor, item: StructureItem): StructurePrediction | Rejection {
  if (item.kind === 'rejection') return item.rejection;
  const { material, source, locator } = item;
  try {
    return predictor.predict(material);
  } catch (error) {
    if (!(error instanceof RejectedInput)) throw error;
    const { code, message } = error;
    return { code, message, source, materialId: material.id, ...(locator !== undefined && { locator }) };
  }
}

function rejectionLine({ code, message, source, locator, materialId }: Rejection): string {
  const place = [source, locator, materialId].filter((part) => part !== undefined);
  return `rejected ${[...new Set(place)].join(', ')}: ${message} (${code})\n`;
}
