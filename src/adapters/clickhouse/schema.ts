import type { ClickHouseClient } from '@clickhouse/client';
import { AppError } from '../../model/app-error.ts';
import { forEngine, MIGRATIONS, TABLES, type TableEngine, VERSION_TABLE, VIEWS } from './migrations.ts';

export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings the tables to this version. Several nodes may do so at once: every statement may run twice.
 * @throws AppError `storage_incompatible` where a newer elastream made them
 */
export async function migrate(client: ClickHouseClient, engine: TableEngine): Promise<void> {
  const version = await schemaVersion(client);
  if (version > SCHEMA_VERSION) throw newerSchema(version);
  await client.command({ query: forEngine(VERSION_TABLE, engine) });
  for (let next = version + 1; next <= SCHEMA_VERSION; next++) {
    for (const statement of MIGRATIONS[next - 1]!) await client.command({ query: forEngine(statement, engine) });
    await client.command({ query: `INSERT INTO schema_versions (version) VALUES (${next})` });
  }
}

/**
 * For nodes that may not change tables.
 * @throws AppError `storage_incompatible` where they are of another version
 */
export async function checkSchema(client: ClickHouseClient): Promise<void> {
  const version = await schemaVersion(client);
  if (version > SCHEMA_VERSION) throw newerSchema(version);
  if (version < SCHEMA_VERSION) {
    const message = `ClickHouse's tables have schema version ${version}, older than this elastream's ${SCHEMA_VERSION}: bring them up to date with 'elastream rebuild'`;
    throw new AppError('storage_incompatible', message);
  }
}

/** Drops everything of ours, of any version, and nothing else. */
export async function dropSchema(client: ClickHouseClient): Promise<void> {
  for (const view of VIEWS) await client.command({ query: `DROP VIEW IF EXISTS ${view} SYNC` });
  for (const table of [...TABLES, 'schema_versions']) {
    await client.command({ query: `DROP TABLE IF EXISTS ${table} SYNC` });
  }
}

/** 0 where there are no tables yet. */
async function schemaVersion(client: ClickHouseClient): Promise<number> {
  const exists = await firstRow<{ result: number }>(client, 'EXISTS TABLE schema_versions');
  if (!exists?.result) return 0;
  const row = await firstRow<{ version: number }>(client, 'SELECT max(version) AS version FROM schema_versions');
  return row?.version ?? 0;
}

function newerSchema(version: number): AppError {
  const message = `ClickHouse's tables have schema version ${version}, newer than this elastream's ${SCHEMA_VERSION}: use the newer elastream, or make them anew with 'elastream rebuild'`;
  return new AppError('storage_incompatible', message);
}

async function firstRow<T>(client: ClickHouseClient, query: string): Promise<T | undefined> {
  const result = await client.query({ query, format: 'JSONEachRow' });
  return (await result.json<T>())[0];
}
