import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { systemClock } from '../adapters/in-process/system-clock.ts';
import { systemRandom } from '../adapters/in-process/system-random.ts';
import { openEventLog } from '../adapters/lmdb/event-log.ts';
import { openModelStore } from '../adapters/lmdb/model-store.ts';
import { AppError } from '../model/app-error.ts';
import type { ResultStore } from '../ports/result-store.ts';
import { bar, grouped } from '../text/progress-text.ts';
import { createTerminalLine } from '../text/terminal-line.ts';
import { assertCampaign, directoryPlaces } from './campaign/campaign-directory.ts';
import { isClusterUrl } from './cluster/cluster-url.ts';
import { openEmbeddedResultStore } from './embedded-result-store.ts';
import { listenForInterruption } from './interruption.ts';
import { createLazyRegressor } from './rebuild/lazy-regressor.ts';
import { type Opened, openClusterParts, type StoredParts } from './rebuild/open-cluster-parts.ts';
import { rebuildTables } from './rebuild/rebuild-tables.ts';
import { withoutTables } from './rebuild/without-tables.ts';

const HELP_AFTER = `
The tables hold nothing that the log and the models do not: predictions are made again bit by bit, and models that are
lost are trained again and must come out the same. Whatever the tables hold is removed first. No other process may run
the directory's campaigns meanwhile. Without chdb only models that are lost are made anew.

Examples:
  elastream rebuild --dir quickstart
  CLICKHOUSE_URL=http://127.0.0.1:8123 elastream rebuild --cluster grpc://127.0.0.1:7400
  elastream rebuild --dir quickstart && elastream sql --dir quickstart "SELECT * FROM rounds ORDER BY round"`;

/** `elastream rebuild --dir DIR`: the tables anew, from the log. */
export function rebuildCommand(): Command {
  return new Command('rebuild')
    .summary("make a campaign's tables anew from its log")
    .description('Makes the tables that elastream sql asks anew, from the log and the models of a directory.')
    .argument('<dir>')
    .option('-q, --quiet', 'no progress, and no closing line')
    .addHelpText('after', HELP_AFTER)
    .action(rebuild);
}

async function rebuild(place: string, { quiet = false }: { readonly quiet?: boolean }): Promise<void> {
  if (!isClusterUrl(place)) assertCampaign(place);
  const closers: (() => Promise<void>)[] = [];
  const opened = <T extends { close(): Promise<void> }>(part: T): T => {
    closers.push(() => part.close());
    return part;
  };
  const stopping = new AbortController();
  const interruption = listenForInterruption(() => stopping.abort());
  const progress = createProgress(quiet);
  const startMs = performance.now();
  try {
    const open = isClusterUrl(place) ? openClusterParts : openDirectoryParts;
    const { log, models, results } = await open(place, opened);
    const regressor = opened(createLazyRegressor(availableParallelism()));
    const context = { clock: systemClock, random: systemRandom, signal: stopping.signal };
    const rounds = await rebuildTables({ log, models, regressor, results, context, onRound: progress.show });
    progress.conclude(`tables of ${place}: ${grouped(rounds)} rounds`, (performance.now() - startMs) / 1000);
  } finally {
    progress.clear();
    for (const closer of closers.toReversed()) await closer();
    interruption.dispose();
  }
}

async function openDirectoryParts(directory: string, opened: Opened): Promise<StoredParts> {
  const places = directoryPlaces(directory);
  // As its writer, so that nobody runs a campaign meanwhile.
  const log = opened(openEventLog({ directory: places.log }));
  const models = opened(openModelStore({ directory: places.models }));
  return { log, models, results: opened(await openWhateverIsThere(places.results)) };
}

/** What cannot be opened, because it is damaged or a newer elastream's, is removed: all of it is made anew. */
async function openWhateverIsThere(directory: string): Promise<ResultStore> {
  try {
    return await openEmbeddedResultStore(directory);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'dependency_missing') {
      process.stderr.write(`no tables, only the models are made anew: ${error.message}\n`);
      return withoutTables();
    }
    if (!['storage_incompatible', 'unavailable'].includes(error.code)) throw error;
    await rm(directory, { recursive: true, force: true });
    return openEmbeddedResultStore(directory);
  }
}

function createProgress(quiet: boolean) {
  const { stderr } = process;
  const line = createTerminalLine(stderr);
  return {
    clear: () => line.clear(),
    show({ campaign, round, done, total }: { campaign: string; round: number; done: number; total: number }) {
      if (quiet || !stderr.isTTY) return;
      const text = `round ${round} of ${campaign}, ${grouped(done)}/${grouped(total)}`;
      line.show(
        (columns) => [bar(done / total, columns - text.length - 2), text].filter(Boolean).join('  '),
        performance.now(),
      );
    },
    conclude(what: string, seconds: number) {
      line.clear();
      if (!quiet) stderr.write(`${what} made anew in ${seconds.toFixed(1)} s\n`);
    },
  };
}
