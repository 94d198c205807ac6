import { Command } from 'commander';
import { systemClock } from '../adapters/in-process/system-clock.ts';
import { systemRandom } from '../adapters/in-process/system-random.ts';
import { type SubmittedTally, submitSource } from '../adapters/remote/submit-source.ts';
import { openFileSource } from '../adapters/sources/files/file-source.ts';
import { createTensorCollector } from '../learning/data/tensor-collector.ts';
import { moduliOfTensor } from '../learning/data/tensor-moduli.ts';
import { AppError } from '../model/app-error.ts';
import type { MaterialSource } from '../ports/material-source.ts';
import { retrying } from '../runtime/retry.ts';
import { assertUnits, SAYING } from './campaign/check-units.ts';
import { sourceSummary, withoutMaterial } from './campaign/source-summary.ts';
import type { DataPath } from './init/survey.ts';
import { listenForInterruption } from './interruption.ts';
import { connectPlace, type PlaceLink } from './place/connect-place.ts';
import { TABLE_HELP, type TableFlags, tableOptions, withTableOptions } from './table-flags.ts';

const HELP_AFTER = `
Files and folders are those that 'elastream run' reads as data: JSON lines with labels, tables, CIF, POSCAR, pymatgen
JSON, OUTCAR, vasprun.xml, pw.x output, extended XYZ, ASE's databases, emmet's tasks of elastic workflows (whose
tensors are fitted), also .gz. Each is a source of its own, complete once it is submitted: the same again changes nothing,
and what was interrupted is submitted again from its beginning. A campaign counts the label sets that its file names;
labels that it learns of enter its next round. Numbers that look like another unit (medians of kbar, Pa, eV/A^3, log10;
cells in nm or Bohr) are asked back before anything is sent: --unit and --length-unit say what they are. What is refused
is kept with its reason, as 'elastream rejections' tells.
${TABLE_HELP}

With --json one object per file: file, source, materials, labels, rejected.

Examples:
  elastream submit --dir quickstart --label-set dejong-2015 new-labels.jsonl.gz
  elastream submit --cluster grpc://127.0.0.1:7400 --label-set dejong-2015 new-labels.jsonl.gz
  elastream submit --dir na --label-set my-dft moduli.csv --structures cifs/ --columns g=Gh,k=Kh --unit kbar`;

export interface SubmitFlags {
  readonly labelSet: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** `elastream submit --dir DIR FILE...`: structures and labels into a log that is there. */
export function submitCommand(): Command {
  const command = new Command('submit')
    .summary('add structures and labels to running or resting campaigns')
    .description(
      'Brings structures with their labels into a directory or a cluster, beside the process that runs it too.',
    )
    .argument('<dir>')
    .argument('<file...>', 'files or folders of structures')
    .requiredOption('--label-set <name>', 'where the labels belong')
    .option('--json', 'one object per file on standard output')
    .option('-q, --quiet', 'no closing lines');
  return withTableOptions(command).addHelpText('after', HELP_AFTER).action(submit);
}

async function submit(place: string, files: readonly string[], flags: SubmitFlags & TableFlags): Promise<void> {
  const table = tableOptions(flags);
  await submitPaths(
    place,
    files.map((path) => ({ path, table })),
    flags,
  );
}

/** Brings files and folders into a log, each as a source of its own. */
export async function submitPaths(place: string, paths: readonly DataPath[], flags: SubmitFlags): Promise<void> {
  await withSubmission(place, async (link, signal) => {
    for (const path of paths) await submitPath(path, link, flags, signal);
  });
}

/** Connects to the place for submissions that Ctrl-C interrupts. */
export async function withSubmission(
  place: string,
  submit: (link: PlaceLink, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stopping = new AbortController();
  const interruption = listenForInterruption(() => stopping.abort(interrupted()));
  const link = await connectPlace(place);
  try {
    // Ask once first: a submission is tried again for long, and the user of a wrong address should be told soon.
    await link.log.topics();
    await submit(link, stopping.signal);
  } finally {
    await link.close();
    interruption.dispose();
  }
}

async function submitPath(data: DataPath, link: PlaceLink, flags: SubmitFlags, signal: AbortSignal): Promise<void> {
  const { path: file, table } = data;
  await assertUnits(file, table, SAYING.options);
  const skipped: string[] = [];
  const opened = await openFileSource(file, {
    signal,
    table,
    tensors: createTensorCollector,
    moduliOf: moduliOfTensor,
    onSkipped: (path) => void skipped.push(path),
    onNote: (line) => void (flags.quiet || process.stderr.write(`${line}\n`)),
  });
  await submitOpened({ name: file, opened, skipped }, link, flags, signal);
}

/** Brings a source into a log, as one of its own for each label set. */
export async function submitOpened(
  { name: file, opened, skipped }: { name: string; opened: MaterialSource; skipped: readonly string[] },
  link: PlaceLink,
  { labelSet, json, quiet }: SubmitFlags,
  signal: AbortSignal,
): Promise<void> {
  const source = { ...opened, id: `${opened.id}#${labelSet}` };
  const context = { clock: systemClock, random: systemRandom, signal };
  const options = { gateway: link.gateway, labelSet, signal };
  const tally: SubmittedTally = await submitSource(source, {
    ...options,
    retrying: (action) => retrying(context, action),
  });
  if (json) process.stdout.write(`${JSON.stringify({ file, source: source.id, ...tally })}\n`);
  if (!quiet) for (const line of sourceSummary(file, tally, skipped)) process.stderr.write(`${line}\n`);
  if (tally.materials === 0) throw new AppError('input_unreadable', await withoutMaterial(file, link.log));
}

function interrupted(): AppError {
  return new AppError('interrupted', 'interrupted: the same command submits all of it, and what is there stays once');
}
