import { createHash } from 'node:crypto';
import { connectClickHouse } from '../../adapters/clickhouse/connect.ts';
import { openResultStore } from '../../adapters/clickhouse/result-store.ts';
import { AppError } from '../../model/app-error.ts';
import type { ModelName, ModelStore } from '../../ports/model-store.ts';
import { connectCluster } from '../cluster/connect-cluster.ts';
import type { RebuildParts } from './rebuild-tables.ts';

/** What tables are made from, and the tables. */
export type StoredParts = Pick<RebuildParts, 'log' | 'models' | 'results'>;
/** Has a part closed at the end. */
export type Opened = <T extends { close(): Promise<void> }>(part: T) => T;

/** The log through the gateway; the tables directly, because a gateway lets nobody write them. */
export async function openClusterParts(url: string, opened: Opened): Promise<StoredParts> {
  const { CLICKHOUSE_URL, CLICKHOUSE_USERNAME: username, CLICKHOUSE_DATABASE: database } = process.env;
  const { CLICKHOUSE_PASSWORD: password } = process.env;
  if (CLICKHOUSE_URL === undefined) {
    throw new AppError(
      'invalid_argument',
      "CLICKHOUSE_URL must name the cluster's ClickHouse server, http://host:8123",
    );
  }
  const { log, models } = opened(connectCluster(url));
  // First: with a gateway's address that is wrong, the tables would be dropped and could not be made anew.
  await log.topics();
  const client = connectClickHouse({
    url: CLICKHOUSE_URL,
    ...(username && { username }),
    ...(password && { password }),
    ...(database && { database }),
  });
  // Also those of a newer elastream, which refuses them to everybody else and names this as the remedy.
  const results = opened(await openResultStore(client, { tables: 'replace' }));
  return { log, models: withRetrained(models), results };
}

/** What was lost and is trained again stays here: a gateway lets nobody put models. */
function withRetrained(models: ModelStore): ModelStore {
  const retrained = new Map<ModelName, Uint8Array>();
  return {
    ...models,
    get: async (name) => retrained.get(name) ?? models.get(name),
    async put(bytes) {
      const name = createHash('sha256').update(bytes).digest('hex') as ModelName;
      retrained.set(name, bytes);
      return name;
    },
  };
}
