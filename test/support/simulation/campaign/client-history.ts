import { checkHistory } from '../../history/check-history.ts';
import type { AskedOperation } from '../../history/operation-history.ts';
import { SIMULATED_TOPICS as TOPICS } from '../service-world.ts';
import { receivedOf } from './recorded-log.ts';
import type { Stage } from './stage.ts';

/** A source is in effect when all its watermarks are in the log. */
const COMPLETE = 'complete';

/** Records which of the plan's sources a client saw as complete. */
export async function notedSources(
  { history, plan }: Stage,
  who: string,
  ask: () => Promise<ReadonlySet<string>>,
): Promise<ReadonlySet<string>> {
  const asked = plan.sources.map(({ id }) => [id, history.ask(who, id, { kind: 'read' })] as const);
  const done = await noted(
    asked.map(([, one]) => one),
    ask,
  );
  for (const [id, one] of asked) one.acknowledged({ values: done.has(id) ? [COMPLETE] : [] });
  return done;
}

/** Records that a client submits a source, and whether the whole source was acknowledged. */
export async function notedIngestion(
  { history }: Stage,
  who: string,
  source: string,
  ingest: () => Promise<unknown>,
): Promise<void> {
  const asked = history.ask(who, source, { kind: 'write', values: [COMPLETE] });
  await noted([asked], ingest);
  asked.acknowledged();
}

async function noted<T>(asked: readonly AskedOperation[], action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    for (const one of asked) one.unknown();
    throw error;
  }
}

/** Checks the clients' answers against the final content of the log. */
export function brokenHistory({ history, plan, world }: Stage): string[] {
  const { materials, labels } = TOPICS;
  const places = new Map(plan.sources.map(({ id }) => [id, new Set<string>()]));
  for (const { event, topic } of receivedOf(world.logContent(), [materials.name, labels.name]))
    if (event.type === 'SourcePartitionCompleted') places.get(event.source)?.add(`${event.partition} ${topic}`);
  const isComplete = ({ size }: ReadonlySet<string>) => size === materials.partitions + labels.partitions;
  const effects = new Map([...places].map(([id, found]) => [id, isComplete(found) ? [COMPLETE] : []]));
  return checkHistory(history.operations, effects, { reads: 'fresh' }).map((line) => `(1) ${line}`);
}
