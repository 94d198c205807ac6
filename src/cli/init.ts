import { writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative } from 'node:path';
import { Command } from 'commander';
import { AppError } from '../model/app-error.ts';
import { campaignTemplate } from './campaign-template.ts';

const DATA_PATH = 'labels.jsonl.gz';

const HELP_AFTER = `
Examples:
  elastream init
  elastream init na.yaml --data labels.jsonl.gz
  elastream init - | less`;

interface InitOptions {
  readonly data?: string;
  readonly force?: true;
}

/** `elastream init [FILE]`: a campaign file to start from. */
export function initCommand(): Command {
  return new Command('init')
    .summary('write a campaign file to start from')
    .description('Writes a campaign file with every option, its unit, range and default.')
    .argument('[file]', 'where to write; - for standard output', 'campaign.yaml')
    .option('--data <path>', 'the file of known labels to name in it')
    .option('--force', 'replace the file if it exists')
    .addHelpText('after', HELP_AFTER)
    .action(runInit);
}

async function runInit(file: string, { data, force }: InitOptions): Promise<void> {
  const text = campaignTemplate(data === undefined ? DATA_PATH : seenFrom(file, data));
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

/** A campaign file names its data relative to its own folder, the command line relative to the current one. */
function seenFrom(file: string, data: string): string {
  return isAbsolute(data) || file === '-' ? data : relative(dirname(file), data);
}
