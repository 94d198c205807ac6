import { systemClock } from '../../adapters/in-process/system-clock.ts';
import { AppError } from '../../model/app-error.ts';
import type { EventLogReader } from '../../ports/event-log.ts';
import type { MaterialSource } from '../../ports/material-source.ts';
import { readingOn, readToEnd } from '../../reading/read-to-end.ts';
import { TOPICS } from '../campaign/campaign-directory.ts';

/** A file of a campaign. */
export interface NamedSource {
  readonly source: MaterialSource;
  readonly path: string;
  readonly labelSet: string;
  /** Files in a folder that are of no known kind; filled as it is read. */
  readonly skipped: readonly string[];
  /** What was found in tables; filled as they are read. */
  readonly notes: readonly string[];
}

/** A file that is not what it was. */
export interface GrownSource extends NamedSource {
  /** The id of the source that it was. */
  readonly before: string;
}

/** What is known of the campaign that the files are of. */
interface BegunCampaign {
  readonly name: string;
  /** The ids of its sources. */
  readonly sources: readonly string[];
}

const LOOK_AGAIN_MS = 200;

/** Waits until what is new is ready to train on: the next round is not to open between its halves. */
export async function untilFormed(
  log: EventLogReader,
  sources: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
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
export function isOther(path: string, { name }: Pick<BegunCampaign, 'name'>, how = ''): AppError {
  const message = `${path} is not what it was when campaign ${name} began here${how}: restore it, or use another directory (--dir)`;
  return new AppError('invalid_argument', message);
}

/**
 * What is new in files that have grown: the materials that the campaign's sources do not hold. Those that they hold stay
 * as they are, and so do the test set and its truths.
 * @throws AppError `invalid_argument` where a file has lost some of them
 */
export async function newIn(
  grown: readonly GrownSource[],
  begun: BegunCampaign,
  log: EventLogReader,
  done: ReadonlySet<string>,
): Promise<NamedSource[]> {
  const named = grown.map((one) => {
    return { ...one, source: { ...one.source, id: `${one.source.id}#new-in-${begun.name}` } };
  });
  if (named.every(({ source }) => done.has(source.id))) return named;
  const known = await materialsBySource(log);
  for (const one of named) {
    const lost = new Set(known.get(one.before));
    for await (const item of one.source.read()) if (item.kind === 'material') lost.delete(item.material.id);
    if (lost.size > 0) throw isOther(one.path, begun, `: it lacks ${lost.size} of its materials`);
  }
  const ours = new Set(begun.sources.flatMap((source) => [...(known.get(source) ?? [])]));
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
