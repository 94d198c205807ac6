import { Command } from 'commander';
import { AppError } from '../model/app-error.ts';
import { planData } from './init/plan-data.ts';
import { type DataPath, surveyPath } from './init/survey.ts';
import { surveyLines } from './init/survey-text.ts';
import { type SubmitFlags, submitPaths } from './submit.ts';
import { TABLE_HELP, type TableFlags, tableOptions, withTableOptions } from './table-flags.ts';

const HELP_AFTER = `
Sources are what 'elastream run' reads as data: tables beside folders of structures, documents of databases, JSON lines,
CIF, POSCAR, pymatgen JSON, also .gz. A table is paired with the folder that holds most of its structures. Each source is
complete once it is in: the same again changes nothing, and what was interrupted begins anew. What is refused is kept
with its reason, as 'elastream rejections' tells. --dry-run says what is there and changes nothing.
${TABLE_HELP}

Examples:
  elastream ingest --dir na --label-set my-dft --dry-run moduli.csv cifs/
  elastream ingest --dir na --label-set my-dft moduli.csv cifs/
  elastream ingest --cluster grpc://127.0.0.1:7400 --label-set mp-2026 mp-elasticity.json.gz`;

interface IngestFlags extends SubmitFlags, TableFlags {
  readonly dryRun?: true;
}

/** `elastream ingest --dir DIR SOURCE...`: data of any known form into a log that is there. */
export function ingestCommand(): Command {
  const command = new Command('ingest')
    .summary('look into data, and bring it to running or resting campaigns')
    .description(
      'Finds structures and labels in data of any known form, and brings them into a directory or a cluster.',
    )
    .argument('<dir>')
    .argument('<source...>', 'files and folders')
    .requiredOption('--label-set <name>', 'where the labels belong')
    .option('--dry-run', 'say what is there, and change nothing')
    .option('--json', 'one object per source on standard output')
    .option('-q, --quiet', 'no closing lines');
  return withTableOptions(command).addHelpText('after', HELP_AFTER).action(ingest);
}

async function ingest(place: string, sources: readonly string[], flags: IngestFlags): Promise<void> {
  const planned = await planData(sources, tableOptions(flags));
  // A folder that was found beside a table, and not named, is that table's alone.
  const beside = new Set(planned.flatMap(({ table }) => table.structures ?? []));
  const wanted = planned.filter(({ path }) => !beside.has(path) || sources.includes(path));
  if (flags.dryRun) await tell(wanted, flags);
  else await submitPaths(place, wanted, flags);
}

/** Says what the sources hold: lines for people, or an object for each. */
async function tell(sources: readonly DataPath[], { json }: IngestFlags): Promise<void> {
  const met = { labelled: new Set<string>(), unlabelled: new Set<string>() };
  let found = 0;
  for (const source of sources) {
    const survey = await surveyPath(source, met);
    const { path, materials, labels } = survey;
    const rejected = [...survey.rejected.values()].reduce((sum, { count }) => sum + count, 0);
    const lines = json ? [JSON.stringify({ file: path, materials, labels, rejected })] : surveyLines(survey);
    process.stdout.write(`${lines.join('\n')}\n`);
    found += materials;
  }
  if (found === 0) throw new AppError('input_unreadable', 'no material was found: nothing would be ingested');
}
