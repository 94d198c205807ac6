import type { ClickHouseClient } from '@clickhouse/client';
import { AppError } from '../../model/app-error.ts';
import { forEngine, MIGRATIONS, NOTED_IN, TABLES, type TableEngine, VERSION_TABLE, VIEWS } from './migrations.ts';

const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Migrates the tables to this version. Several nodes may do this at once: every statement may run twice.
 * @throws AppError `storage_incompatible` if a newer elastream created the tables
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
 * Creates dropped tables again and voids the notes of their whole group (NOTED_IN), so that the group's rows are stored
 * again. Rows that still exist stay: storing the same row again changes nothing.
 */
export async function restoreSchema(client: ClickHouseClient, engine: TableEngine): Promise<void> {
  // A restored copy may also have an older version.
  if ((await schemaVersion(client)) < SCHEMA_VERSION) await migrate(client, engine);
  const rows = await client.query({
    query: 'SELECT name FROM system.tables WHERE database = currentDatabase()',
    format: 'JSONEachRow',
  });
  const there = new Set((await rows.json<{ name: string }>()).map(({ name }) => name));
  if ([...TABLES, ...VIEWS].every((name) => there.has(name))) return;
  for (const [notes, noted] of Object.entries(NOTED_IN)) {
    if (noted.every((table) => there.has(table))) continue;
    // Must happen before the tables exist again: notes of missing rows would keep these rows away forever.
    await client.command({ query: `TRUNCATE TABLE IF EXISTS ${notes} SYNC` });
  }
  for (const statement of MIGRATIONS.flat()) await client.command({ query: forEngine(statement, engine) });
}

/**
 * Checks the version of the tables, for nodes that may not change tables.
 * @throws AppError `storage_incompatible` if the tables have another version
 */
export async function checkSchema(client: ClickHouseClient): Promise<void> {
  const version = await schemaVersion(client);
  if (version > SCHEMA_VERSION) throw newerSchema(version);
  if (version < SCHEMA_VERSION) {
    const message = `ClickHouse's tables have schema version ${version}, older than this elastream's ${SCHEMA_VERSION}: bring them up to date with 'elastream rebuild'`;
    throw new AppError('storage_incompatible', message);
  }
}

/** Drops all views and tables of elastream, of any version, and nothing else. */
export async function dropSchema(client: ClickHouseClient): Promise<void> {
  for (const view of VIEWS) await client.command({ query: `DROP VIEW IF EXISTS ${view} SYNC` });
  for (const table of [...TABLES, 'schema_versions']) {
    await client.command({ query: `DROP TABLE IF EXISTS ${table} SYNC` });
  }
}

/** Returns the version of the tables; 0 if there are none yet. */
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
