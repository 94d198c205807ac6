import { Command, InvalidArgumentError, Option } from 'commander';
import { parseTensorFile, type TensorFileOptions } from '../formats/tensor/tensor-file.ts';
import { crystalDensity } from '../kernels/elasticity/crystal-density.ts';
import { elasticProperties } from '../kernels/elasticity/elastic-properties.ts';
import { tensorSymmetry } from '../kernels/elasticity/tensor-symmetry.ts';
import { AppError } from '../model/app-error.ts';
import { RejectedInput } from '../model/rejection.ts';
import { styleOf } from './progress/text-style.ts';
import { readText, sourceName } from './read-text.ts';
import { readSingleStructure } from './single-structure.ts';
import { fittedJson, fittedTables, fittedTensors } from './tensor/fitted-tensors.ts';
import { type TensorReport, tensorJson, tensorTable } from './tensor/tensor-report.ts';

/** An emmet document with all its fitting data has a few hundred kilobytes. */
const FILE_LIMIT = { bytesMax: 4 * 2 ** 20, remedy: 'give the tensor alone' };

const HELP_AFTER = `
The file is text, 6 lines of 6 numbers or an upper triangle (# starts a comment), or JSON: a 6 x 6 array or an
object with elastic_tensor (6 x 6, or {raw} as in the Materials Project's documents). - reads standard input.
A JSON file or folder of emmet's task documents (.jsonl, .gz too) may hold the optimizations and deformations of many
crystals in any order: each gets the tensor that is fitted to its own, or what it lacks: a tensor is never fitted while a
strain is missing or around a failed run. --json then prints one object per crystal.
An unstable tensor is reported as such; what then has no meaning is n/a (null in JSON).

Examples:
  elastream tensor stiffness.txt
  elastream tensor stiffness.txt --structure POSCAR
  elastream tensor stiffness.txt --order vasp --unit kbar
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
    .argument('<file>', 'text or JSON, or task documents to fit tensors to; - for standard input')
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
  const text = await readText(path, FILE_LIMIT);
  const file = located(source, () => parseTensorFile(text, options));
  const { stiffness } = file.tensor;
  const structure = options.structure === undefined ? undefined : await readSingleStructure(options.structure);
  const density = structure && crystalDensity(structure);
  const report: TensorReport = {
    source,
    file,
    symmetry: tensorSymmetry(stiffness),
    properties: elasticProperties(stiffness, density),
    ...(density !== undefined && { density }),
  };
  process.stdout.write(options.json ? tensorJson(report) : tensorTable(report, styleOf(process.stdout).columns));
}

/** Puts the file's name before the message of a rejection. */
function located<T>(source: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RejectedInput) throw new RejectedInput(error.code, `${source}: ${error.message}`);
    throw error;
  }
}
