import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { ingestSource } from '../../../services/ingestion/ingest-source.ts';
import { openFileSource } from '../../adapters/sources/file-source.ts';
import type { CampaignConfig, StrategyName } from '../../learning/campaign-config.ts';
import { AppError } from '../../model/app-error.ts';
import type { MaterialSource } from '../../ports/material-source.ts';
import { startFollower } from '../../runtime/follower.ts';
import { ingestedSources } from '../../runtime/log-lookup.ts';
import { createPublisher } from '../../runtime/publisher.ts';
import { directoryPlaces, TOPICS } from '../campaign/campaign-directory.ts';
import { createHistoryKeeper } from '../campaign/campaign-history.ts';
import { listenForInterruption } from '../interruption.ts';
import { grouped } from '../progress/progress-text.ts';
import { type OpenLoop, openLoop } from './open-loop.ts';
import { resolveDataPath } from './read-campaign.ts';
import { createRunDisplay, type RunDisplay } from './run-display.ts';

export interface RunRequest {
  readonly campaignFile: string;
  readonly config: CampaignConfig;
  readonly directory: string;
  /** Runs the same campaign with these strategies beside it. */
  readonly compare: readonly StrategyName[];
  readonly json: boolean;
  readonly quiet: boolean;
  readonly tables: boolean;
  readonly workers?: number;
}

/**
 * Runs a campaign to its end, or goes on with it where it was stopped.
 * @throws AppError `interrupted` where the user stopped it: the same command goes on
 */
export async function runCampaign(request: RunRequest): Promise<void> {
  assertOurs(request.directory);
  const display = createRunDisplay(request);
  const interrupted = new AbortController();
  // From before anything is open, so that the first signal never ends the program by itself.
  const interruption = listenForInterruption(() => {
    display.note('finishing what is at work; press Ctrl-C again to stop at once');
    interrupted.abort();
  });
  let opened: OpenLoop | undefined;
  try {
    opened = await openLoop(request.directory, {
      calculator: request.config.calculator.kind,
      tables: request.tables,
      note: display.note,
      ...(request.workers !== undefined && { workers: request.workers }),
    });
    interrupted.signal.throwIfAborted();
    await Promise.race([complete(request, opened, display, interrupted.signal), opened.loop.failed]);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
  } finally {
    await opened?.close();
    display.clear();
    interruption.dispose();
  }
  if (interrupted.signal.aborted) throw stoppedByUser(display);
}

async function complete(
  request: RunRequest,
  opened: OpenLoop,
  display: RunDisplay,
  signal: AbortSignal,
): Promise<void> {
  await drive(request, opened, display, signal);
  if (signal.aborted) return;
  // The tables follow the loop; here they are waited for, so that a query after the run sees all of it.
  await Promise.race([opened.loop.tablesComplete(), once(signal, 'abort')]);
  if (!signal.aborted) display.conclude();
}

/** The strategies beside each other, each a campaign of its own on the same data. */
export function armsOf({ config, compare }: Pick<RunRequest, 'config' | 'compare'>): CampaignConfig[] {
  const others = compare.filter((strategy) => strategy !== config.acquisition.strategy);
  return [
    config,
    ...others.map((strategy) => ({
      ...config,
      name: `${config.name}-${strategy}`,
      acquisition: { ...config.acquisition, strategy },
    })),
  ];
}

async function drive(request: RunRequest, opened: OpenLoop, display: RunDisplay, signal: AbortSignal): Promise<void> {
  const { loop, ports, control } = opened;
  const arms = armsOf(request);
  const histories = createHistoryKeeper();
  const follower = await startFollower(ports, {
    topics: [TOPICS.campaigns],
    apply: (received) => void histories.take(received),
    onBatch: () => display.show(histories.campaigns),
  });
  display.begin(arms, histories.campaigns);
  const unwatch = await Promise.all(arms.map(({ name }) => control.watchProgress(name, display.progress)));
  try {
    const sources = await openSources(request, signal);
    await ingestMissing(request, sources, opened, display, signal);
    const ids = sources.map(({ source }) => source.id);
    for (const config of arms) await loop.acquisition.create(config.name, config, ids);
    await allStopped(opened, arms, signal);
    // What has been decided may still be on its way to this reader.
    await follower.reached(TOPICS.campaigns.name, await ports.log.endOffsets(TOPICS.campaigns.name));
    display.show(histories.campaigns);
  } finally {
    for (const stop of unwatch) await stop();
    await follower.stop();
  }
}

/** Labels that stand in a file of candidates belong to no set that a campaign accepts by itself. */
const CANDIDATE_LABELS = 'candidates';

interface NamedSource {
  readonly source: MaterialSource;
  readonly path: string;
  readonly labelSet: string;
}

async function openSources({ config, campaignFile }: RunRequest, signal: AbortSignal): Promise<NamedSource[]> {
  const { candidates } = config;
  const unlabelled =
    candidates.from === 'files' ? candidates.paths.map((path) => ({ path, labelSet: CANDIDATE_LABELS })) : [];
  const sources: NamedSource[] = [];
  for (const { path, labelSet } of [...config.data, ...unlabelled]) {
    const source = await openFileSource(resolveDataPath(campaignFile, path), { names: [path], signal });
    // The same file under another label set is another source.
    sources.push({ source: { ...source, id: `${source.id}#${labelSet}` }, path, labelSet });
  }
  return sources;
}

async function ingestMissing(
  request: RunRequest,
  sources: readonly NamedSource[],
  { ports, loop }: OpenLoop,
  display: RunDisplay,
  signal: AbortSignal,
): Promise<void> {
  assertUnchanged(request, sources, loop);
  const done = await ingestedSources(ports.log, TOPICS);
  const publisher = createPublisher(ports, 'ingestion');
  for (const { source, path, labelSet } of sources) {
    if (done.has(source.id)) continue;
    const onProgress = ({ materials }: { materials: number }) => display.ingesting(materials);
    const tally = await ingestSource(source, { topics: TOPICS, publisher, labelSet, signal, onProgress });
    const refused = tally.rejected > 0 ? `, ${grouped(tally.rejected)} rejected` : '';
    display.note(`${path}: ${grouped(tally.materials)} materials, ${grouped(tally.labels)} labels${refused}`);
    if (tally.materials === 0) {
      throw new AppError(
        'input_unreadable',
        `${path} holds no material that can be used; nothing can be learned from it`,
      );
    }
  }
}

/** A campaign keeps to the data that it began with: to go on with other data would mix two campaigns. */
function assertUnchanged(
  { config }: RunRequest,
  sources: readonly NamedSource[],
  { acquisition }: OpenLoop['loop'],
): void {
  const { created } = acquisition.state(config.name);
  const changed = created && sources.find(({ source }, i) => source.id !== created.sources[i]);
  if (!changed) return;
  const message = `${changed.path} is not what it was when campaign ${config.name} began here: restore it, or use another directory (--dir)`;
  throw new AppError('invalid_argument', message);
}

function allStopped({ loop }: OpenLoop, arms: readonly CampaignConfig[], signal: AbortSignal): Promise<void> {
  const { acquisition } = loop;
  return new Promise((resolve) => {
    const check = () => {
      const over = arms.every(({ name }) => acquisition.state(name).stopped !== undefined);
      if (over || signal.aborted) resolve();
    };
    acquisition.onChange(check);
    signal.addEventListener('abort', check, { once: true });
    check();
  });
}

function stoppedByUser(display: RunDisplay): AppError {
  return new AppError('interrupted', `interrupted ${display.whereWeAre()}; the same command goes on from there`);
}

/** Nothing of ours is put among somebody's files. */
function assertOurs(directory: string): void {
  const { log } = directoryPlaces(directory);
  if (!existsSync(directory) || existsSync(log) || readdirSync(directory).length === 0) return;
  const message = `${directory} has files in it and is no campaign's directory: name another one with --dir`;
  throw new AppError('invalid_argument', message);
}
