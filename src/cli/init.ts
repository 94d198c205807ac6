import { writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative } from 'node:path';
import { Command } from 'commander';
import { type CampaignDraft, campaignTemplate, DEFAULT_DRAFT } from '../campaign-file/campaign-template.ts';
import { AppError } from '../model/app-error.ts';
import { assertUnits, SAYING } from './campaign/check-units.ts';
import { draftCampaign } from './init/draft-campaign.ts';
import { planData } from './init/plan-data.ts';
import { type Survey, surveyPath } from './init/survey.ts';
import { surveyLines } from './init/survey-text.ts';
import { TABLE_HELP, type TableFlags, tableOptions, withTableOptions } from './table-flags.ts';

const DEFAULT_FILE = 'campaign.yaml';

const HELP_AFTER = `
With --data it looks inside and says what is there: materials with structures, labels and how they are distributed, what
is rejected and why. Structures without a label become the candidates, whose calculations wait for you ('elastream ask',
'elastream tell'); where there are none, half of the labels are hidden and found again. What looks like another unit or decimal sign is asked back; the options below answer.
${TABLE_HELP}

Examples:
  elastream init
  elastream init na.yaml --data labels.jsonl.gz
  elastream init --data cifs/ moduli.csv -o na.yaml
  elastream init --data dump.parquet --columns id=mpid,g=Gh,k=Kh --unit kbar
  elastream init - | less`;

interface InitOptions extends TableFlags {
  readonly data?: readonly string[];
  readonly output?: string;
  readonly force?: true;
}

/** `elastream init [FILE]`: a campaign file to start from. */
export function initCommand(): Command {
  const command = new Command('init')
    .summary('write a campaign file to start from')
    .description('Looks at data and writes a campaign file for it, with every option, its unit, range and default.')
    .argument('[file]', `where to write; - for standard output; by default ${DEFAULT_FILE}`)
    .option('--data <path...>', 'files and folders of structures and known labels')
    .option('-o, --output <file>', 'where to write, as FILE')
    .option('--force', 'replace the file if it exists');
  return withTableOptions(command).addHelpText('after', HELP_AFTER).action(runInit);
}

async function runInit(argument: string | undefined, { output, data, force, ...table }: InitOptions): Promise<void> {
  const file = output ?? argument ?? DEFAULT_FILE;
  const draft = data === undefined ? DEFAULT_DRAFT : await draftFor(data, table, file);
  const text = campaignTemplate(draft);
  if (file === '-') {
    process.stdout.write(text);
    return;
  }
  try {
    await writeFile(file, text, { flag: force ? 'w' : 'wx' });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      throw new AppError('invalid_argument', `${file} exists: name another file, or add --force to replace it`);
    }
    throw new AppError('output_unwritable', `cannot write ${file}: ${message}`, { cause });
  }
  const next = data === undefined ? 'name your data in it, then ' : '';
  process.stderr.write(`wrote ${file}; next: ${next}elastream run ${file}\n`);
}

/** Tells what the data holds, and drafts a campaign for it. */
async function draftFor(paths: readonly string[], flags: TableFlags, file: string): Promise<CampaignDraft> {
  const surveys: Survey[] = [];
  const met = { labelled: new Set<string>(), unlabelled: new Set<string>() };
  for (const planned of await planData(paths, tableOptions(flags))) {
    await assertUnits(planned.path, planned.table, SAYING.options);
    const survey = await surveyPath(planned, met);
    surveys.push(survey);
    for (const line of surveyLines(survey)) process.stderr.write(`${line}\n`);
  }
  const draft = draftCampaign(surveys, file);
  process.stderr.write(`${whatItDoes(draft)}\n`);
  return {
    ...draft,
    data: draft.data.map(({ path, structures, ...said }) => ({
      path: seenFrom(file, path),
      ...said,
      ...(structures !== undefined && { structures: seenFrom(file, structures) }),
    })),
    candidates: draft.candidates?.map((path) => seenFrom(file, path)),
  };
}

function whatItDoes({ candidates, batch, stopLabels }: CampaignDraft): string {
  const pool = candidates
    ? "the structures without a label are its candidates, 'elastream ask' says which to calculate"
    : 'half of the labels are hidden, to see how fast they are found again';
  return `a campaign of up to ${stopLabels} calculations, ${batch} at a time: ${pool}`;
}

/** A campaign file names its data relative to its own folder, the command line relative to the current one. */
function seenFrom(file: string, data: string): string {
  return isAbsolute(data) || file === '-' ? data : relative(dirname(file), data);
}
