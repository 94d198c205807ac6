import { Command } from 'commander';
import { definitionOf } from '../learning/campaign/campaign-config.ts';
import { AppError } from '../model/app-error.ts';
import type { Rejection } from '../model/rejection.ts';
import { ToldResult } from '../protocol/generated/elastream/v1/services.generated.ts';
import { grouped } from '../text/progress-text.ts';
import { readOpen } from './ask/asked-materials.ts';
import { results } from './ask/asked-text.ts';
import { placeArgument } from './cluster/cluster-url.ts';
import { listenForInterruption } from './interruption.ts';
import { connectPlace, type PlaceLink } from './place/connect-place.ts';
import { type TableFlags, tableOptions, withTableOptions } from './table-flags.ts';
import { checkResults } from './tell/check-results.ts';
import type { FoundResult } from './tell/found-result.ts';
import { readResults } from './tell/read-results.ts';

const HELP_AFTER = `
Results are
  .csv, .tsv    the table of 'elastream ask -o': material_id, a column per target (g_vrh (GPa)), failed with a reason
                where there is none, attempt, calculation. Empty rows stay open. Tables of your own are read too, also
                .parquet: their columns are found by usual titles (id, G_VRH, shear modulus [kbar]) and told, or named
                by --columns; moduli in other units than GPa are converted where the titles or --unit say so
  .jsonl        the same as JSON lines, with elastic_tensor, code, functional, relaxed_ion where known
  others        structures with labels, as 'elastream submit' reads them

What the campaign asked for is answered, or counts as a failed attempt. What it did not ask for is taken too: a candidate
leaves the pool, a new material needs its structure, and both train from the next round on. Another result of the same
material corrects the first; both are kept. The same again changes nothing, and neither does a result that was corrected
since, unless --restore goes back to it. What is told of the test set's materials is kept and changes none of its truths.

A row that cannot be taken is refused with its reason, kept ('elastream rejections'), and the rest is taken.
With --json one object per row: place, material_id, outcome (answered, failed, added, corrected, known, superseded,
refused), code, message, attempts_left.

Examples:
  elastream tell --dir my-campaign next/results.csv
  elastream tell --dir my-campaign moduli.csv --columns g=Gh,k=Kh --unit kbar
  elastream tell --cluster grpc://127.0.0.1:7400 --campaign my-campaign results.jsonl

Exit codes:
  0    told; what was refused is said on standard error
  1    a failure of elastream itself, or nobody answers
  2    no row could be used, or the command line is wrong`;

interface TellFlags extends TableFlags {
  readonly campaign?: string;
  readonly asGiven?: true;
  readonly restore?: true;
  readonly json?: true;
  readonly quiet?: true;
}

interface ToldRow {
  readonly place: string;
  readonly material_id: string | null;
  readonly outcome: string;
  readonly code?: string;
  readonly message?: string;
  readonly attempts_left?: number;
}

/** More would hardly be somebody's answers: that is data, for `submit`. */
const ROWS_MAX = 100_000;
const REQUEST_BYTES_MAX = 2 ** 20;
const REQUEST_RESULTS_MAX = 500;

/** `elastream tell --dir DIR RESULTS...`: what was calculated. */
export function tellCommand(): Command {
  const command = new Command('tell')
    .summary('bring a campaign what was calculated')
    .description('Brings results, or reasons why there are none, to a campaign; beside the process that runs it too.')
    .argument('<dir>')
    .argument('<results...>', 'tables, JSON lines, or structures with labels')
    .option('--campaign <name>', 'which one, where there are several')
    .option('--as-given', 'take moduli that make a negative Poisson ratio')
    .option('--restore', 'go back to results that were corrected since')
    .option('--json', 'one object per row on standard output')
    .option('-q, --quiet', 'no closing lines');
  return withTableOptions(command).addHelpText('after', HELP_AFTER).action(tell);
}

async function tell(place: string, files: readonly string[], flags: TellFlags): Promise<void> {
  const stopping = new AbortController();
  const interruption = listenForInterruption(() => stopping.abort(interrupted()));
  const link = await connectPlace(place);
  try {
    const { history } = await readOpen(link.log, flags.campaign);
    const { campaign, config } = history.created;
    const targets = config.targets.map((target) => definitionOf(config, target));
    const onNote = (line: string) => void (flags.quiet || process.stderr.write(`${line}\n`));
    const reading = { targets, table: tableOptions(flags), onNote, signal: stopping.signal };
    const found: FoundResult[] = [];
    for (const file of files) {
      for await (const one of readResults(file, reading)) {
        found.push(one);
        if (found.length > ROWS_MAX) throw tooManyRows(file);
      }
    }
    const filled = found.filter((one) => one.kind === 'result');
    const restore = flags.restore === true;
    const asked = filled.map((one) => ({ ...one, message: { ...one.message, restore } }));
    const checked = checkResults(asked, { asGiven: flags.asGiven === true });
    const rejections = [
      ...found.flatMap((one) => (one.kind === 'rejection' ? [one.rejection] : [])),
      ...checked.rejections,
    ];
    const rows = await tellAll(link, campaign, checked.results, rejections, stopping.signal);
    const empty = found.filter(({ kind }) => kind === 'empty').length;
    show(rows, empty, flags);
    if (!flags.quiet) process.stderr.write(`${await whatFollows(place, link, campaign)}\n`);
    if (rows.length > 0 && rows.every(({ outcome }) => outcome === 'refused')) {
      throw new AppError('input_unreadable', `nothing could be used: ${rows.length} rows are refused`);
    }
  } finally {
    await link.close();
    interruption.dispose();
  }
}

async function tellAll(
  { gateway }: PlaceLink,
  campaign: string,
  results: readonly (FoundResult & { kind: 'result' })[],
  rejections: readonly Rejection[],
  signal: AbortSignal,
): Promise<ToldRow[]> {
  const rows: ToldRow[] = rejections.map(({ source, locator, materialId, code, message }) => {
    const place = locator === undefined ? source : `${source}: ${locator}`;
    return { place, material_id: materialId ?? null, outcome: 'refused', code, message };
  });
  for (let at = 0; at < rejections.length; at += REQUEST_RESULTS_MAX) {
    const some = rejections.slice(at, at + REQUEST_RESULTS_MAX);
    await gateway.Tell({
      campaign,
      results: [],
      rejections: some.map((one) => ({ locator: undefined, materialId: undefined, ...one })),
    });
  }
  for (const some of requests(results)) {
    signal.throwIfAborted();
    const { outcomes } = await gateway.Tell({ campaign, results: some.map(({ message }) => message), rejections: [] });
    for (const [i, { outcome, refusal, attemptsLeft }] of outcomes.entries()) {
      const row = { place: some[i]!.place, material_id: some[i]!.message.materialId, outcome };
      rows.push({ ...row, ...refusal, ...(outcome === 'failed' && { attempts_left: attemptsLeft }) });
    }
  }
  return rows;
}

/** As many results as fit a request. */
function* requests<R extends { readonly message: ToldResult }>(results: readonly R[]): Generator<R[]> {
  let some: R[] = [];
  let bytes = 0;
  for (const one of results) {
    const size = ToldResult.encode(one.message).finish().length;
    if (some.length === REQUEST_RESULTS_MAX || (some.length > 0 && bytes + size > REQUEST_BYTES_MAX)) {
      yield some;
      [some, bytes] = [[], 0];
    }
    some.push(one);
    bytes += size;
  }
  if (some.length > 0) yield some;
}

function show(rows: readonly ToldRow[], empty: number, { json, quiet }: TellFlags): void {
  if (json) for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
  for (const { outcome, place, message, code } of rows) {
    if (outcome === 'refused') process.stderr.write(`refused ${place}: ${message} (${code})\n`);
  }
  if (quiet) return;
  for (const { outcome, material_id, attempts_left } of rows) {
    if (outcome !== 'failed') continue;
    const left = attempts_left === 0 ? 'it is given up' : `attempts left: ${attempts_left}`;
    process.stderr.write(`${material_id} failed; ${left}\n`);
  }
  const counts = new Map<string, number>();
  for (const { outcome } of rows) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const told = [...counts].map(([outcome, count]) => `${grouped(count)} ${WORDS[outcome] ?? outcome}`);
  if (empty > 0) told.push(`${grouped(empty)} empty, left open`);
  process.stderr.write(`${told.join(', ') || 'there is no row'}\n`);
}

const WORDS: Readonly<Record<string, string>> = {
  known: 'known already',
  superseded: 'corrected since, which stands (--restore goes back)',
  added: 'taken that nobody asked for',
};

async function whatFollows(place: string, link: PlaceLink, name: string): Promise<string> {
  const { open, state } = await readOpen(link.log, name);
  if (state.stopped !== undefined) return `${name} is over (${state.stopped}): what is told is kept`;
  if (open.length === 0) return `${name} waits for no result: 'elastream run' goes on, where it does not run already`;
  return `${name} still waits for ${results(open.length)}: elastream ask ${placeArgument(place)}`;
}

function tooManyRows(file: string): AppError {
  const message = `${file} brings the results to more than ${ROWS_MAX} rows: split it, or bring it as data with 'elastream submit'`;
  return new AppError('invalid_argument', message);
}

function interrupted(): AppError {
  return new AppError('interrupted', 'interrupted: the same command tells the rest, and what is told stays once');
}
