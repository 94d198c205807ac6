import { Command, InvalidArgumentError, Option } from 'commander';
import { readRunFile } from '../adapters/sources/files/read-run-file.ts';
import { readSingleStructure } from '../adapters/sources/files/single-structure.ts';
import { parseTensorFile, type TensorFile, type TensorFileOptions } from '../formats/tensor/tensor-file.ts';
import { crystalDensity } from '../kernels/elasticity/crystal-density.ts';
import { elasticProperties } from '../kernels/elasticity/elastic-properties.ts';
import { tensorSymmetry } from '../kernels/elasticity/tensor-symmetry.ts';
import { AppError } from '../model/app-error.ts';
import type { CalculationRun } from '../model/calculation-run.ts';
import { createElasticTensor } from '../model/elastic-tensor.ts';
import { RejectedInput } from '../model/rejection.ts';
import { type TensorReport, tensorJson, tensorTable } from '../text/tensor-report.ts';
import { styleOf } from '../text/text-style.ts';
import { readText, sourceName } from './read-text.ts';
import { fittedJson, fittedTables, fittedTensors } from './tensor/fitted-tensors.ts';

/** An emmet document with all its fitting data has a few hundred kilobytes. */
const FILE_LIMIT = { bytesMax: 4 * 2 ** 20, remedy: 'give the tensor alone' };

const HELP_AFTER = `
The file is text, 6 lines of 6 numbers or an upper triangle (# starts a comment), or JSON: a 6 x 6 array or an
object with elastic_tensor (6 x 6, or {raw} as in the Materials Project's documents). - reads standard input.
A JSON file or folder of emmet's task documents (.jsonl, .gz too) may hold the optimizations and deformations of many
crystals in any order: each gets the tensor that is fitted to its own, or what it lacks: a tensor is never fitted while a
strain is missing or around a failed run. --json then prints one object per crystal.
An OUTCAR of VASP, also .gz, is read as it is: its TOTAL ELASTIC MODULI in kBar and VASP's order, and its structure.
An unstable tensor is reported as such; what then has no meaning is n/a (null in JSON).

Examples:
  elastream tensor stiffness.txt
  elastream tensor stiffness.txt --structure POSCAR
  elastream tensor stiffness.txt --order vasp --unit kbar
  elastream tensor OUTCAR
  elastream tensor elasticity.json --json | jq .shear_modulus.vrh
  elastream tensor tasks.json.gz`;

interface TensorOptions extends TensorFileOptions {
  readonly structure?: string;
  readonly json?: true;
}

/** `elastream tensor <file>`: what follows from one elastic tensor. */
export function tensorCommand(): Command {
  return new Command('tensor')
    .summary('stability, moduli and derived properties of a 6 x 6 elastic tensor')
    .description(
      'Checks a 6 x 6 elastic tensor, given or fitted to deformation tasks, and prints what follows from it.',
    )
    .argument('<file>', 'text, JSON, OUTCAR, or task documents to fit tensors to; - for standard input')
    .addOption(
      new Option('--order <order>', 'of rows and columns: voigt = XX YY ZZ YZ ZX XY, vasp = XX YY ZZ XY YZ ZX')
        .choices(['voigt', 'vasp'])
        .default('voigt'),
    )
    .addOption(new Option('--unit <unit>', 'of the numbers: GPa or kbar').default('GPa').argParser(parseUnit))
    .option('--structure <file>', 'the crystal (CIF, POSCAR, JSON), for sound velocities and Debye temperature')
    .option('--json', 'print one JSON object with all digits')
    .addHelpText('after', HELP_AFTER)
    .action(runTensor);
}

function parseUnit(text: string): TensorFileOptions['unit'] {
  if (/^gpa$/i.test(text)) return 'GPa';
  if (/^kbar$/i.test(text)) return 'kbar';
  throw new InvalidArgumentError('Allowed units are GPa, kbar.');
}

async function runTensor(path: string, options: TensorOptions): Promise<void> {
  if (path === '-' && options.structure === '-') {
    throw new AppError('invalid_argument', 'tensor and --structure cannot both be -: name a file for one of them');
  }
  const fitted = await fittedTensors(path);
  if (fitted.length > 0) {
    process.stdout.write(options.json ? fittedJson(fitted) : fittedTables(fitted, styleOf(process.stdout).columns));
    if (fitted.every(({ report }) => report === undefined)) {
      throw new AppError('input_unreadable', `${path}: no tensor could be fitted, for the reasons above`);
    }
    return;
  }
  const source = sourceName(path);
  const run = path === '-' ? undefined : await locatedRun(path);
  const file = run === undefined ? await tensorOfFile(path, options) : located(source, () => tensorOfRun(run));
  const { stiffness } = file.tensor;
  const structure = options.structure === undefined ? run?.structure : await readSingleStructure(options.structure);
  const density = structure && crystalDensity(structure);
  const report: TensorReport = {
    source,
    file,
    symmetry: tensorSymmetry(stiffness),
    properties: elasticProperties(stiffness, density),
    ...(density !== undefined && { density }),
    ...(run?.tensor !== undefined && { relaxedIon: run.tensor.relaxedIon }),
  };
  process.stdout.write(options.json ? tensorJson(report) : tensorTable(report, styleOf(process.stdout).columns));
}

async function tensorOfFile(path: string, options: TensorOptions): Promise<TensorFile> {
  const text = await readText(path, FILE_LIMIT);
  return located(sourceName(path), () => parseTensorFile(text, options));
}

/** @throws RejectedInput `missing_field` if the run did not calculate elastic moduli */
function tensorOfRun({ code, tensor }: CalculationRun): TensorFile {
  if (tensor === undefined) {
    const remedy = 'VASP prints them for IBRION = 6 with ISIF = 3 or above';
    throw new RejectedInput('missing_field', `this run of ${code} has no elastic moduli: ${remedy}`);
  }
  return { raw: tensor.stiffness, tensor: createElasticTensor(tensor.stiffness) };
}

async function locatedRun(path: string): Promise<CalculationRun | undefined> {
  try {
    return await readRunFile(path);
  } catch (error) {
    throw named(path, error);
  }
}

/** Puts the file's name before the message of a rejection. */
function located<T>(source: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw named(source, error);
  }
}

function named(source: string, error: unknown): unknown {
  return error instanceof RejectedInput ? new RejectedInput(error.code, `${source}: ${error.message}`) : error;
}
