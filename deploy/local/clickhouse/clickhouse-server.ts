import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type SupervisedProcess, startSupervised } from '../supervised-process.ts';
import { type ServerUsers, usersXml } from './server-users.ts';

export interface ClickHousePlan {
  readonly port: number;
  /** Directory for its program, configuration and data. */
  readonly directory: string;
  readonly logFile: string;
  readonly users?: ServerUsers;
}

const CONFIG =
  '<clickhouse><users_config>users.xml</users_config><logger><level>warning</level><console>1</console></logger></clickhouse>';
/** The last statement never ends, because the program would end with it. */
const STATEMENTS = `SYSTEM START LISTEN HTTP;
SELECT sleepEachRow(1) FROM numbers(1000000000)
  SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0, max_execution_time = 0 FORMAT Null;
`;

/** Returns what is missing to build a ClickHouse server from chdb's library; undefined if nothing is. */
export function missingForClickHouse(): string | undefined {
  try {
    library();
  } catch {
    return 'chdb is not installed, and CLICKHOUSE_URL not set';
  }
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'there is no C compiler (apt-get install gcc libc6-dev), and CLICKHOUSE_URL is not set';
  }
}

/**
 * Starts a replacement for a ClickHouse server, built from chdb's library. It has ClickHouse's own HTTP interface with
 * its users and limits.
 */
export function startClickHouseServer({ port, directory, logFile, users = {} }: ClickHousePlan): SupervisedProcess {
  mkdirSync(directory, { recursive: true });
  const program = join(directory, 'clickhouse');
  const from = [join(import.meta.dirname, 'server.c'), library(), `-Wl,-rpath,${dirname(library())}`];
  execFileSync('cc', ['-O1', '-o', program, ...from]);
  writeFileSync(join(directory, 'users.xml'), usersXml(users), { mode: 0o600 });
  writeFileSync(join(directory, 'config.xml'), CONFIG);
  writeFileSync(join(directory, 'statements.sql'), STATEMENTS);
  return startSupervised({
    name: 'clickhouse',
    command: program,
    cwd: directory,
    args: [
      '--config-file',
      'config.xml',
      '--queries-file',
      'statements.sql',
      '--path',
      join(directory, 'data'),
      '--listen_host',
      '127.0.0.1',
      '--http_port',
      String(port),
    ],
    // It holds nothing that a graceful end would save.
    stopSignal: 'SIGKILL',
    logFile,
    isReady: async () => (await fetch(`http://127.0.0.1:${port}/ping`, { signal: AbortSignal.timeout(2_000) })).ok,
  });
}

/** Returns the path of the library in chdb's package for this machine. */
function library(): string {
  const fromChdb = createRequire(createRequire(import.meta.url).resolve('chdb/package.json'));
  const name = `@chdb/lib-${process.platform}-${process.arch}-gnu/package.json`;
  return join(dirname(fromChdb.resolve(name)), 'libchdb.so');
}
