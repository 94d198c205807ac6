import { realpath } from 'node:fs/promises';
import { systemClock } from '../../adapters/in-process/system-clock.ts';
import { systemRandom } from '../../adapters/in-process/system-random.ts';
import { type SubmittedTally, submitSource } from '../../adapters/remote/submit-source.ts';
import { createRunWatch, type FinishedRun, type RunWatch } from '../../adapters/sources/watched/run-watch.ts';
import { moduliOfTensor } from '../../learning/data/tensor-moduli.ts';
import { AppError } from '../../model/app-error.ts';
import { materialHash } from '../../model/material-hash.ts';
import { siteCount } from '../../model/structure.ts';
import type { SourceItem } from '../../ports/material-source.ts';
import { TOPICS } from '../../reading/campaign-log.ts';
import { readToEnd } from '../../reading/read-to-end.ts';
import { createTakenItems, type TakenItems } from '../../reading/taken-items.ts';
import { retrying } from '../../runtime/retry.ts';
import { grouped } from '../../text/progress-text.ts';
import { listenForInterruption } from '../interruption.ts';
import { connectPlace } from '../place/connect-place.ts';

export interface WatchOptions {
  readonly labelSet: string;
  readonly everySeconds: number;
  readonly json?: true;
  readonly quiet?: true;
}

/** What is read before it is brought: so much is in memory at a time. */
const BATCH = { runs: 256, sites: 50_000 };

/**
 * Brings the runs of folders as they finish, until it is interrupted. The log knows what it has: whatever ends this
 * process, the next goes on where it was.
 */
export async function watchRuns(place: string, folders: readonly string[], options: WatchOptions): Promise<void> {
  const stopping = new AbortController();
  const interruption = listenForInterruption(() => stopping.abort());
  const roots = await Promise.all(folders.map(existing));
  const source = `watch:${roots.join(',')}#${options.labelSet}`;
  const watch = createRunWatch(roots, { moduliOf: moduliOfTensor });
  const taken = createTakenItems(source, TOPICS);
  try {
    await withPlace(place, ({ log }) => readToEnd(log, taken));
    if (!options.quiet)
      process.stderr.write(`watching ${folders.join(', ')} every ${options.everySeconds} s; Ctrl-C ends it\n`);
    while (!stopping.signal.aborted) {
      for await (const runs of batches(watch.look(stopping.signal))) {
        // A material whose label is new is brought again with it.
        const fresh = runs.map((run) => ({ ...run, items: run.items.filter((item) => !isTaken(item, taken)) }));
        await bring(
          place,
          source,
          fresh.filter(({ items }) => items.length > 0),
          { ...options, watch },
        );
        for (const { items } of fresh) for (const item of items) note(item, taken);
      }
      await systemClock.sleep(1_000 * options.everySeconds, stopping.signal);
    }
    if (!options.quiet) process.stderr.write(`${grouped(watch.waiting())} runs are not finished\n`);
  } finally {
    interruption.dispose();
  }
}

async function existing(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (cause) {
    throw new AppError('input_unreadable', `cannot watch ${folder}: ${(cause as Error).message}`, { cause });
  }
}

/** The place is let go in between: a run may begin that needs it. */
async function withPlace<T>(place: string, use: (link: Awaited<ReturnType<typeof connectPlace>>) => Promise<T>) {
  const link = await connectPlace(place);
  try {
    return await use(link);
  } finally {
    await link.close();
  }
}

async function* batches(runs: AsyncIterable<FinishedRun>): AsyncGenerator<FinishedRun[], void, void> {
  let batch: FinishedRun[] = [];
  let sites = 0;
  for await (const run of runs) {
    batch.push(run);
    for (const item of run.items) if (item.kind === 'material') sites += siteCount(item.material.structure);
    if (batch.length < BATCH.runs && sites < BATCH.sites) continue;
    yield batch;
    [batch, sites] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

function isTaken(item: SourceItem, taken: TakenItems): boolean {
  if (item.kind === 'rejection') return taken.hasRejection(item.rejection);
  const { material, label } = item;
  return taken.hasMaterial(material.id, materialHash(material), label?.provenance);
}

function note(item: SourceItem, taken: TakenItems): void {
  if (item.kind === 'rejection') taken.addRejection(item.rejection);
  else taken.addMaterial(item.material.id, materialHash(item.material), item.label?.provenance);
}

async function bring(
  place: string,
  id: string,
  runs: readonly FinishedRun[],
  { labelSet, json, quiet, watch }: WatchOptions & { readonly watch: RunWatch },
): Promise<void> {
  if (runs.length === 0) return;
  async function* read() {
    for (const { items } of runs) yield* items;
    return {};
  }
  const context = { clock: systemClock, random: systemRandom, signal: new AbortController().signal };
  const tally: SubmittedTally = await retrying(context, () =>
    withPlace(place, ({ gateway }) =>
      submitSource({ id, read }, { gateway, labelSet, isOpen: true, retrying: (action) => action() }),
    ),
  );
  if (json) {
    const lines = runs.map(({ path, items }) => JSON.stringify({ run: path, refused: refusalOf(items) ?? null }));
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  if (quiet) return;
  const { labels, rejected } = tally;
  const counts = [`${grouped(runs.length)} ${runs.length === 1 ? 'run' : 'runs'}`, `${grouped(labels)} labels`];
  if (rejected > 0) counts.push(`${grouped(rejected)} refused`);
  counts.push(`${grouped(watch.waiting())} not finished`);
  process.stderr.write(`${counts.join(', ')}\n`);
}

function refusalOf(items: readonly SourceItem[]): string | undefined {
  return items.flatMap((item) => (item.kind === 'rejection' ? [item.rejection.message] : []))[0];
}
