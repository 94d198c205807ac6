import { READING_LIMITS, READING_USER } from '../../../src/adapters/chdb/engine-users.ts';

export interface ServerUsers {
  /** The writing user. Default: the user `default`, without a password. */
  readonly writer?: { readonly username: string; readonly password: string };
  readonly readerPassword?: string;
  /** Overrides the time limit of queries, for a test that waits for it. */
  readonly readingSecondsMax?: number;
}

/**
 * Limits that the embedded engine does not need, since it has one client: the number of concurrent queries, and the
 * cancellation of queries whose client has left.
 */
const SHARED_LIMITS = { max_concurrent_queries_for_user: 16, cancel_http_readonly_queries_on_client_close: 1 };
const WRITES = ['GRANT ALL ON default.*', 'GRANT TABLE ENGINE ON *'];

/** Returns the reading user's profile, as docs/cluster.md describes it. */
export function readingProfile({ readingSecondsMax }: ServerUsers = {}): Record<string, string | number> {
  const seconds = readingSecondsMax === undefined ? {} : { max_execution_time: readingSecondsMax };
  return { ...READING_LIMITS, ...SHARED_LIMITS, ...seconds };
}

/** Returns a users.xml with the users who may write and read the tables. */
export function usersXml(users: ServerUsers): string {
  const { writer, readerPassword = '' } = users;
  const limits = Object.entries(readingProfile(users)).map(([name, value]) => `<${name}>${value}</${name}>`);
  return `<clickhouse>
  <profiles><default/><reading>${limits.join('')}</reading></profiles>
  <quotas><default/></quotas>
  <users>
    ${userXml('default', '', 'default', ['GRANT SYSTEM LISTEN ON *.*', ...(writer ? [] : WRITES)])}
    ${writer ? userXml(writer.username, writer.password, 'default', WRITES) : ''}
    ${userXml(READING_USER, readerPassword, 'reading', ['GRANT SELECT ON default.*'])}
  </users>
</clickhouse>
`;
}

function userXml(name: string, password: string, profile: string, grants: readonly string[]): string {
  const queries = grants.map((grant) => `<query>${grant}</query>`).join('');
  return `<${name}><password>${password}</password><networks><ip>::/0</ip></networks><profile>${profile}</profile>
      <quota>default</quota><grants>${queries}</grants></${name}>`;
}
