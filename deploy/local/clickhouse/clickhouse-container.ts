import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { usersXml } from './server-users.ts';

/** The same version as in docker-compose.yml. */
export const CLICKHOUSE_IMAGE = 'clickhouse/clickhouse-server:25.8.33.6';
const PORT = 8123;
const READY_MS_MAX = 60_000;
/** The image may have to be pulled first. */
const PULL_MS_MAX = 300_000;

// Uses the engine's command line: a library would bring 120 packages and a native build for three calls.
const docker = async (...args: string[]) =>
  (await promisify(execFile)('docker', args, { timeout: PULL_MS_MAX })).stdout.trim();

export function hasContainerEngine(): Promise<boolean> {
  return docker('info', '--format', '{{.ServerVersion}}').then(
    () => true,
    () => false,
  );
}

/** Starts a real ClickHouse server that holds only the users who may write and read. */
export async function startClickHouseContainer(
  directory: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  // Without CLICKHOUSE_SKIP_USER_SETUP the server refuses clients from other addresses without a password.
  const users = join(directory, 'clickhouse-users.xml');
  mkdirSync(directory, { recursive: true });
  writeFileSync(users, usersXml({}));
  const mounted = ['--volume', `${users}:/etc/clickhouse-server/users.d/elastream.xml:ro`];
  const settings = [...mounted, '--env', 'CLICKHOUSE_SKIP_USER_SETUP=1', '--ulimit', 'nofile=262144:262144'];
  const id = await docker('run', '--detach', '--rm', '--publish', `127.0.0.1::${PORT}`, ...settings, CLICKHOUSE_IMAGE);
  const stop = async () => void (await docker('stop', id));
  try {
    const url = `http://${(await docker('port', id, `${PORT}/tcp`)).split('\n')[0]}`;
    const deadline = performance.now() + READY_MS_MAX;
    while (
      !(await fetch(`${url}/ping`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (performance.now() > deadline) throw new Error(`${CLICKHOUSE_IMAGE} was not ready within ${READY_MS_MAX} ms`);
      await sleep(200);
    }
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
