import { systemClock } from '../../adapters/in-process/system-clock.ts';
import { openFileSource } from '../../adapters/sources/files/file-source.ts';
import type { CampaignConfig } from '../../learning/campaign/campaign-config.ts';
import { AppError } from '../../model/app-error.ts';
import type { EventLogReader } from '../../ports/event-log.ts';
import type { MaterialSource } from '../../ports/material-source.ts';
import { readingOn, readToEnd } from '../../reading/read-to-end.ts';
import { TOPICS } from '../campaign/campaign-directory.ts';
import { sourceSummary, withoutMaterial } from '../campaign/source-summary.ts';
import type { CampaignHost } from './campaign-host.ts';
import { resolveDataPath } from './read-campaign.ts';
import type { RunDisplay } from './run-display.ts';

export interface DataRequest {
  readonly campaignFile: string;
  readonly config: CampaignConfig;
}

/** Labels that stand in a file of candidates belong to no set that a campaign accepts by itself. */
const CANDIDATE_LABELS = 'candidates';

interface NamedSource {
  readonly source: MaterialSource;
  readonly path: string;
  readonly labelSet: string;
  /** Files in a folder that are of no known kind; filled as it is read. */
  readonly skipped: readonly string[];
}

/** A file that is not what it was. */
interface GrownSource extends NamedSource {
  /** The id of the source that it was. */
  readonly before: string;
}

async function openSources({ config, campaignFile }: DataRequest, signal: AbortSignal): Promise<NamedSource[]> {
  const { candidates } = config;
  const unlabelled =
    candidates.from === 'files'
      ? candidates.paths.map((path) => ({ kind: 'file' as const, path, labelSet: CANDIDATE_LABELS }))
      : [];
  const sources: NamedSource[] = [];
  for (const { path, labelSet } of [...config.data, ...unlabelled]) {
    const skipped: string[] = [];
    const onSkipped = (file: string) => void skipped.push(file);
    const source = await openFileSource(resolveDataPath(campaignFile, path), { names: [path], signal, onSkipped });
    // The same file under another label set is another source.
    sources.push({ source: { ...source, id: `${source.id}#${labelSet}` }, path, labelSet, skipped });
  }
  return sources;
}

/**
 * Brings what is missing of a campaign's data into the log. Files of labelled data may have grown since the campaign
 * began: what is new in them is added.
 * @returns the ids of its sources: of the data, then of the candidates
 * @throws AppError `input_unreadable`, `invalid_argument` where its candidates are not what it began with
 */
export async function bringData(
  request: DataRequest,
  host: CampaignHost,
  display: RunDisplay,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { config } = request;
  const sources = await openSources(request, signal);
  const { created } = host.state(config.name);
  const begun = created?.sources ?? sources.map(({ source }) => source.id);
  const changed = sources.flatMap((one, i) => (one.source.id === begun[i] ? [] : [{ ...one, before: begun[i] ?? '' }]));
  const candidates = changed.find(({ before }) => begun.indexOf(before) >= config.data.length);
  if (candidates) throw isOther(candidates.path, config);
  const done = await host.ingested();
  const grown = changed.length > 0 ? await newIn(changed, request, host, done) : [];
  const unchanged = sources.filter((one, i) => one.source.id === begun[i]);
  for (const { source, path, labelSet, skipped } of [...unchanged, ...grown]) {
    if (done.has(source.id)) continue;
    const onProgress = ({ materials }: { materials: number }) => display.ingesting(materials);
    const tally = await host.ingest(source, { labelSet, signal, onProgress });
    for (const line of sourceSummary(path, tally, skipped)) display.note(line);
    if (grown.some((one) => one.source === source)) {
      display.note(`${path} has grown since ${config.name} began: what is new in it counts from the next round on`);
    } else if (tally.materials === 0) {
      throw new AppError('input_unreadable', await withoutMaterial(path, host.ports.log));
    }
  }
  await untilFormed(host.ports.log, new Set(grown.map(({ source }) => source.id)), signal);
  return begun;
}

const LOOK_AGAIN_MS = 200;

/** Waits until what is new is ready to train on: the next round is not to open between its halves. */
async function untilFormed(log: EventLogReader, sources: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
  const places = new Set<string>();
  const readOn = readingOn(log, {
    topics: [TOPICS.examples],
    types: ['SourcePartitionCompleted'],
    take({ event }) {
      if (event.type !== 'SourcePartitionCompleted' || !sources.has(event.source)) return;
      places.add(`${event.partition} ${event.source}`);
    },
  });
  while (sources.size > 0 && !signal.aborted) {
    await readOn();
    if (places.size === sources.size * TOPICS.examples.partitions) return;
    await systemClock.sleep(LOOK_AGAIN_MS, signal);
  }
}

/** To go on with other data or candidates would mix two campaigns. */
function isOther(path: string, { name }: CampaignConfig, how = ''): AppError {
  const message = `${path} is not what it was when campaign ${name} began here${how}: restore it, or use another directory (--dir)`;
  return new AppError('invalid_argument', message);
}

/**
 * What is new in files that have grown: the materials that the campaign's sources do not hold. Those that they hold stay
 * as they are, and so do the test set and its truths.
 * @throws AppError `invalid_argument` where a file has lost some of them
 */
async function newIn(
  grown: readonly GrownSource[],
  { config }: DataRequest,
  host: CampaignHost,
  done: ReadonlySet<string>,
): Promise<NamedSource[]> {
  const named = grown.map((one) => {
    return { ...one, source: { ...one.source, id: `${one.source.id}#new-in-${config.name}` } };
  });
  if (named.every(({ source }) => done.has(source.id))) return named;
  const known = await materialsBySource(host.ports.log);
  for (const one of named) {
    const lost = new Set(known.get(one.before));
    for await (const item of one.source.read()) if (item.kind === 'material') lost.delete(item.material.id);
    if (lost.size > 0) throw isOther(one.path, config, `: it lacks ${lost.size} of its materials`);
  }
  const ours = new Set(host.state(config.name).created!.sources.flatMap((source) => [...(known.get(source) ?? [])]));
  return named.map((one) => ({ ...one, source: without(one.source, ours) }));
}

async function materialsBySource(log: EventLogReader): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const known = new Map<string, Set<string>>();
  await readToEnd(log, {
    topics: [TOPICS.materials],
    types: ['MaterialIngested'],
    take({ event }) {
      if (event.type !== 'MaterialIngested') return;
      known.set(event.source, (known.get(event.source) ?? new Set()).add(event.material.id));
    },
  });
  return known;
}

function without(source: MaterialSource, known: ReadonlySet<string>): MaterialSource {
  return {
    ...source,
    async *read(signal) {
      const items = source.read(signal);
      for (let next = await items.next(); ; next = await items.next()) {
        if (next.done) return next.value;
        const item = next.value;
        if (item.kind === 'rejection' || !known.has(item.material.id)) yield item;
      }
    },
  };
}
