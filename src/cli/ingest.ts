import { Command, InvalidArgumentError } from 'commander';
import { AppError } from '../model/app-error.ts';
import { isNamedSource, openNamedSource } from './ingest/named-source.ts';
import { watchRuns } from './ingest/watch-runs.ts';
import { planData } from './init/plan-data.ts';
import { type DataPath, surveyPath } from './init/survey.ts';
import { surveyLines } from './init/survey-text.ts';
import { type SubmitFlags, submitOpened, submitPaths, withSubmission } from './submit.ts';
import { TABLE_HELP, type TableFlags, tableOptions, withTableOptions } from './table-flags.ts';

const HELP_AFTER = `
Sources are what 'elastream run' reads as data: tables beside folders of structures, documents of databases, JSON lines,
CIF, POSCAR, pymatgen JSON, also .gz. A table is paired with the folder that holds most of its structures. Each source is
complete once it is in: the same again changes nothing, and what was interrupted begins anew. What is refused is kept
with its reason, as 'elastream rejections' tells. --dry-run says what is there and changes nothing.

With --watch folders are looked at again and again for runs of VASP and Quantum ESPRESSO below them (OUTCAR, vasprun.xml,
pw.out, also .gz). A run is taken when its folder no longer changes and its output has come to its end, in whatever order
its files arrive, on network file systems too; each once, whatever ended an earlier watch. Its folder names the material.
${TABLE_HELP}

mp:summary?FILTERS and mp:elasticity?FILTERS are the Materials Project's (its key in MP_API_KEY), optimade:ADDRESS?filter=...
any provider of OPTIMADE, read page by page; 429 and 5xx are tried again when the server says. What was interrupted
begins anew, and what is there already stays once.

Examples:
  elastream ingest --dir na --label-set my-dft --dry-run moduli.csv cifs/
  elastream ingest --dir na --label-set my-dft moduli.csv cifs/
  elastream ingest --dir na --label-set my-dft --watch runs/
  elastream ingest --dir na --label-set mp 'mp:elasticity?elements=Na&k_vrh_min=10'
  elastream ingest --dir na --label-set none 'optimade:https://optimade.example.org?filter=elements HAS "Na"'
  elastream ingest --cluster grpc://127.0.0.1:7400 --label-set mp-2026 mp-elasticity.json.gz`;

interface IngestFlags extends SubmitFlags, TableFlags {
  readonly dryRun?: true;
  readonly watch?: true;
  readonly every: number;
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
    .option('--watch', 'take the runs of folders as they finish, until Ctrl-C')
    .option('--every <seconds>', 'with --watch: how often to look', seconds, 10)
    .option('--json', 'one object per source on standard output')
    .option('-q, --quiet', 'no closing lines');
  return withTableOptions(command).addHelpText('after', HELP_AFTER).action(ingest);
}

async function ingest(place: string, sources: readonly string[], flags: IngestFlags): Promise<void> {
  if (flags.watch) {
    if (flags.dryRun) throw new AppError('invalid_argument', '--watch and --dry-run exclude each other: give one');
    const { labelSet, every: everySeconds, json, quiet } = flags;
    return watchRuns(place, sources, { labelSet, everySeconds, ...(json && { json }), ...(quiet && { quiet }) });
  }
  const named = sources.filter(isNamedSource);
  if (named.length > 0) {
    if (named.length < sources.length || flags.dryRun) {
      throw new AppError(
        'invalid_argument',
        `${named[0]} is ingested by itself, without --dry-run: leave the others out`,
      );
    }
    const opened = named.map((name) => openNamedSource(name, process.env));
    return withSubmission(place, async (link, signal) => {
      for (const [i, one] of opened.entries()) {
        await submitOpened({ name: named[i]!, opened: one, skipped: [] }, link, flags, signal);
      }
    });
  }
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

function seconds(text: string): number {
  const value = Number(text);
  if (value >= 0.1 && value <= 86_400) return value;
  throw new InvalidArgumentError('give seconds from 0.1 to 86400');
}
