import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Who asks on behalf of people; everybody else is the writing user. */
export const READING_USER = 'elastream_reader';

/**
 * What binds the reading user, on a server as here (docs/cluster.md). `readonly=1` also forbids a query to set anything,
 * so that it cannot lift the other limits.
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
 * The engine's only user owns the database of the tables and nothing else: no file, no address, no table of the system.
 * (It has no READ ON FILE, URL or REMOTE, so ClickHouse itself refuses file(), url(), remote() and their like.)
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

/** Writes what the engine reads from the folder that it is started in. */
export async function writeEngineUsers(folder: string): Promise<void> {
  await writeFile(join(folder, 'users.xml'), USERS);
  await writeFile(join(folder, 'config.xml'), CONFIG);
}
