import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The user of queries that people write. All other requests come from the writing user. */
export const READING_USER = 'elastream_reader';

/**
 * Limits of the reading user. A ClickHouse server needs the same ones (docs/cluster.md). `readonly=1` also forbids a
 * query to change settings, so a query cannot lift the other limits.
 */
export const READING_LIMITS: Readonly<Record<string, string>> = {
  max_execution_time: '120',
  max_memory_usage: String(2 ** 30),
  max_result_bytes: String(2 ** 28),
  max_temporary_data_on_disk_size_for_query: String(2 ** 30),
  max_threads: '2',
  output_format_json_quote_64bit_integers: '0',
  readonly: '1',
};

/**
 * The engine's only user. It owns the database of the tables and nothing else: no file, no address, no system table.
 * (It lacks READ ON FILE, URL and REMOTE, so ClickHouse itself refuses file(), url(), remote() and similar functions.)
 */
const USERS = `<clickhouse>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <users><default>
    <password></password>
    <networks><ip>::1</ip><ip>127.0.0.1</ip></networks>
    <profile>default</profile>
    <quota>default</quota>
    <grants><query>GRANT ALL ON default.*</query></grants>
  </default></users>
</clickhouse>
`;
const CONFIG = '<clickhouse><users_config>users.xml</users_config></clickhouse>\n';

/** Writes the engine's configuration to the folder in which it is started. */
export async function writeEngineUsers(folder: string): Promise<void> {
  await writeFile(join(folder, 'users.xml'), USERS);
  await writeFile(join(folder, 'config.xml'), CONFIG);
}
