import { systemClock } from '../../adapters/in-process/system-clock.ts';
import { labelProblem } from '../../learning/data/label-gate.ts';
import { AppError } from '../../model/app-error.ts';
import { valueFields } from '../../model/label.ts';
import { materialHash } from '../../model/material-hash.ts';
import type { TableOptions } from '../../model/table-options.ts';
import type { MeasuredValues } from '../../model/target.ts';
import type { EventLogReader } from '../../ports/event-log.ts';
import type { MaterialSource } from '../../ports/material-source.ts';
import { TOPICS } from '../../reading/campaign-log.ts';
import { readingOn, readToEnd } from '../../reading/read-to-end.ts';

/** A file of a campaign. */
export interface NamedSource {
  readonly source: MaterialSource;
  readonly path: string;
  readonly labelSet: string;
  readonly table: TableOptions;
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
 * as they are, and so do the test set and its truths: what has changed of them is told.
 * @throws AppError `invalid_argument` where a file has lost some of them
 */
export async function newIn(
  grown: readonly GrownSource[],
  begun: BegunCampaign,
  log: EventLogReader,
  done: ReadonlySet<string>,
  note: (line: string) => void,
): Promise<NamedSource[]> {
  const named = grown.map((one) => {
    return { ...one, source: { ...one.source, id: `${one.source.id}#new-in-${begun.name}` } };
  });
  if (named.every(({ source }) => done.has(source.id))) return named;
  const known = await materialsBySource(log);
  for (const one of named) {
    const before = known.get(one.before) ?? new Map<string, string>();
    const lost = new Set(before.keys());
    const changed: string[] = [];
    for await (const item of one.source.read()) {
      if (item.kind !== 'material') continue;
      const { material, label } = item;
      // The gate has left out what it leaves out again.
      const passed =
        label && labelProblem({ ...label, materialId: material.id }, material.structure) === undefined
          ? label
          : undefined;
      if (!lost.delete(material.id)) continue;
      if (before.get(material.id) !== contentOf(materialHash(material), passed)) changed.push(material.id);
    }
    if (lost.size > 0) throw isOther(one.path, begun, `: it lacks ${lost.size} of its materials`);
    if (changed.length > 0) {
      const which = `${changed.slice(0, 3).join(', ')}${changed.length > 3 ? ', ...' : ''}`;
      const what = `${changed.length} of ${one.path} differ from what ${begun.name} began with (${which})`;
      note(`${what}: they stay as they were; another directory (--dir) begins with them as they are now`);
    }
  }
  const ours = new Set(begun.sources.flatMap((source) => [...(known.get(source)?.keys() ?? [])]));
  return named.map((one) => ({ ...one, source: without(one.source, ours) }));
}

/** Of each source its materials, with what it says of them. */
async function materialsBySource(log: EventLogReader): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const hashes = new Map<string, Map<string, string>>();
  const labels = new Map<string, MeasuredValues>();
  await readToEnd(log, {
    topics: [TOPICS.materials, TOPICS.labels],
    types: ['MaterialIngested', 'LabelIngested'],
    take({ event }) {
      if (event.type === 'MaterialIngested') {
        const { source, material, materialHash: hash } = event;
        hashes.set(source, (hashes.get(source) ?? new Map<string, string>()).set(material.id, hash));
      } else if (event.type === 'LabelIngested') {
        labels.set(`${event.source} ${event.label.materialId}`, event.label);
      }
    },
  });
  const contents = ([source, materials]: [string, Map<string, string>]) =>
    [
      source,
      new Map(Array.from(materials, ([id, hash]) => [id, contentOf(hash, labels.get(`${source} ${id}`))])),
    ] as const;
  return new Map(Array.from(hashes, contents));
}

function contentOf(hash: string, label: MeasuredValues | undefined): string {
  return label === undefined ? hash : `${hash} ${JSON.stringify(valueFields(label))}`;
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
