import { Command, InvalidArgumentError, Option } from 'commander';
import { styleOf } from '../text/text-style.ts';
import { STRUCTURE_FORMATS, type StructureFormat, writeAsked } from './ask/asked-files.ts';
import { readAsked } from './ask/asked-materials.ts';
import { askedJson, askedText } from './ask/asked-text.ts';
import { openCampaignLog } from './campaign/campaign-directory.ts';
import { placeArgument } from './cluster/cluster-url.ts';

const HELP_AFTER = `
For campaigns of calculator.kind: manual. It reads the log only, so it can be asked as often as you like, also beside the
process that runs the campaign: what has been told is not asked again.

With -o it writes a structure file per material, and results.csv to fill in: the values in the units that the columns
name, or under failed why there are none. Rows that stay empty stay open. 'elastream tell' takes the table.

A material that is marked lies outside the training domain: its prediction is less certain than the STDEV says.

With --json one object per line: campaign, round, rank, material_id, formula, calculation, attempt, last_failure, score,
why, mean and stdev by target, outside_training_domain, warnings.

Examples:
  elastream ask --dir my-campaign
  elastream ask --dir my-campaign -o next --format cif
  elastream ask --cluster grpc://127.0.0.1:7400 --campaign my-campaign --json`;

interface AskFlags {
  readonly output?: string;
  readonly format: StructureFormat;
  readonly count?: number;
  readonly campaign?: string;
  readonly json?: true;
}

/** `elastream ask --dir DIR`: what a campaign waits for. */
export function askCommand(): Command {
  return new Command('ask')
    .summary('what a campaign waits for you to calculate')
    .description('Says which calculations a campaign waits for and why, and writes their structures.')
    .argument('<dir>')
    .option('-o, --output <folder>', 'write a structure per material, and results.csv to fill in')
    .addOption(
      new Option('--format <format>', 'of the structures').choices(STRUCTURE_FORMATS).default(STRUCTURE_FORMATS[0]),
    )
    .option('--count <n>', 'only the best of them', wholeNumber)
    .option('--campaign <name>', 'which one, where there are several')
    .option('--json', 'one object per line')
    .addHelpText('after', HELP_AFTER)
    .action(ask);
}

async function ask(place: string, { output, format, count, campaign, json }: AskFlags): Promise<void> {
  const log = openCampaignLog(place);
  try {
    const asked = await readAsked(log, campaign, count);
    const { history, state, materials } = asked;
    if (materials.length === 0) {
      const why = state.stopped === undefined ? "'elastream run' goes on" : `it is over (${state.stopped})`;
      process.stderr.write(`${history.created.campaign} waits for no calculation: ${why}\n`);
    } else if (json) process.stdout.write(materials.map((one) => askedJson(asked, one)).join(''));
    else process.stdout.write(askedText(asked, styleOf(process.stdout)));
    if (materials.length === 0) return;
    if (output === undefined) {
      if (!json) process.stderr.write(`-o FOLDER writes their structures and a table for the results\n`);
      return;
    }
    const table = await writeAsked(asked, output, format);
    process.stderr.write(
      `${output}: ${materials.length} ${materials.length === 1 ? 'structure' : 'structures'}; fill in ${table}, then: elastream tell ${placeArgument(place)} ${table}\n`,
    );
  } finally {
    await log.close();
  }
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('give a whole number from 1');
}
