import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import { createSocketPath, findSocket, publishSocket } from '../../../src/adapters/unix-socket/socket-path.ts';
import { startNode } from '../../support/node-process.ts';

const scratch = scratchDirectory();
afterAll(() => scratch.remove());

function directory(name: string): string {
  const path = join(scratch.path, name);
  mkdirSync(path);
  return path;
}

function listening(path: string): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(path, () => resolve(server));
  });
}

it('is found where a directory has published it, however long the path there is, and only by its user', async () => {
  const place = directory(`${'long-'.repeat(40)}`);
  const socket = await createSocketPath('calls');
  expect([Buffer.byteLength(socket) <= 103, statSync(dirname(socket)).mode & 0o777]).toEqual([true, 0o700]);
  const server = await listening(socket);
  const unpublish = await publishSocket(place, socket);
  expect(await findSocket(place)).toBe(socket);
  await unpublish();
  expect(await findSocket(place)).toBeUndefined();
  server.close();
});

it('of a killed process is not found, and removed with its folder by the next', async () => {
  const place = directory('killed');
  const stale = await createSocketPath('calls');
  const script = `require('node:net').createServer().listen(${JSON.stringify(stale)}, () => process.kill(process.pid, 9))`;
  await startNode(['-e', script]).ended;
  writeFileSync(join(place, 'socket'), stale);
  expect([existsSync(stale), await findSocket(place)]).toEqual([true, undefined]);
  const unpublish = await publishSocket(place, await createSocketPath('calls'));
  expect(existsSync(dirname(stale))).toBe(false);
  await unpublish();
});

it('is removed only where it is one: a directory may be somebody else’s', async () => {
  const place = directory('foreign');
  const file = join(directory('precious'), 'results.csv');
  writeFileSync(file, 'a\n');
  writeFileSync(join(place, 'socket'), file);
  await publishSocket(place, await createSocketPath('calls'));
  expect(existsSync(file)).toBe(true);
});
