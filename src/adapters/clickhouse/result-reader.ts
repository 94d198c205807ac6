import type { ClickHouseClient } from '@clickhouse/client';
import { AppError } from '../../model/app-error.ts';
import type { ResultReader } from '../../ports/result-store.ts';
import { clickHouseFailure } from './clickhouse-failure.ts';
import { readQuery } from './read-query.ts';
import { checkSchema } from './schema.ts';

/** Limits that the user of people's queries must have, by ClickHouse's names of the settings. */
const BOUNDED = ['max_execution_time', 'max_memory_usage', 'max_result_bytes'] as const;

/**
 * Creates a reader of a server's tables for queries that are not trusted.
 * @param client a connection of a user who may only read; any other user is refused at the first query
 */
export function createResultReader(client: ClickHouseClient): ResultReader {
  let checked: Promise<void> | undefined;
  const check = () => {
    checked ??= checkReader(client).catch((error: unknown) => {
      checked = undefined;
      throw clickHouseFailure(error, 'the tables cannot be asked');
    });
    return checked;
  };
  return {
    async *query(sql, options) {
      await check();
      yield* readQuery(client, async () => {}, sql, options);
    },
    close: () => client.close(),
  };
}

async function checkReader(client: ClickHouseClient): Promise<void> {
  const settings = BOUNDED.map((name) => `getSetting('${name}') > 0 AS ${name}`).join(', ');
  const query = `SELECT currentUser() AS name, getSetting('readonly') AS readonly, ${settings}`;
  const answer = await client.query({ query, format: 'JSONEachRow' });
  const user = (await answer.json<Record<(typeof BOUNDED)[number] | 'readonly' | 'name', unknown>>())[0]!;
  const lacking = [...(Number(user.readonly) === 1 ? [] : ['readonly = 1']), ...BOUNDED.filter((name) => !user[name])];
  if (lacking.length > 0) {
    const remedy = 'docs/cluster.md has the statements that make such a user';
    const message = `the ClickHouse user ${user.name} may do more than read: it lacks ${lacking.join(', ')}; ${remedy}`;
    throw new AppError('invalid_argument', message);
  }
  await checkSchema(client);
}
