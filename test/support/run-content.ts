import { openModelStore } from '../../src/adapters/lmdb/model-store.ts';
import { directoryPlaces } from '../../src/cli/campaign/campaign-directory.ts';
import { openEmbeddedResultStore } from '../../src/cli/embedded-result-store.ts';
import type { EventRecord } from '../../src/model/event-record.ts';
import { fromRecord } from '../../src/protocol/event-message.ts';
import { chdbWorkerScript } from './chdb.ts';

/** An event without the parts that may differ between runs: times, durations, and places of other events. */
export function comparableEvent(_: string, record: EventRecord): string {
  return JSON.stringify(
    { id: record.id, key: Buffer.from(record.key).toString(), ...fromRecord(record) },
    (name, value) =>
      name === 'seconds' || name === 'offsets' ? undefined : value instanceof Float64Array ? [...value] : value,
  );
}

/** The sorted names of a directory's models. */
export async function storedModels(directory: string): Promise<string[]> {
  const store = openModelStore({ directory: directoryPlaces(directory).models, readOnly: true });
  const names: string[] = [];
  for await (const { name } of store.list()) names.push(name);
  await store.close();
  return names.sort();
}

const VIEWS: Readonly<Record<string, string>> = {
  predictions: '*',
  prediction_partitions: '*',
  prediction_summaries: '*',
  members: '* EXCEPT seconds',
  rounds: '* EXCEPT seconds',
  round_metrics: '*',
  calibrations: '*',
  uncertainty: '*',
  selections: '*',
  rejections: '*',
};

/** The tables of `elastream sql` by name; their rows are sorted JSON lines. */
export async function storedTables(directory: string): Promise<Record<string, string[]>> {
  const store = await openEmbeddedResultStore(directoryPlaces(directory).results, { workerScript: chdbWorkerScript() });
  try {
    const tables: Record<string, string[]> = {};
    for (const [name, columns] of Object.entries(VIEWS)) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of store.query(`SELECT ${columns} FROM ${name}`, { format: 'JSONEachRow' }))
        chunks.push(chunk);
      tables[name] = Buffer.concat(chunks).toString().split('\n').filter(Boolean).sort();
    }
    return tables;
  } finally {
    await store.close();
  }
}
