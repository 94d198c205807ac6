import { lstat, mkdtemp, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** sockaddr_un holds 108 bytes on Linux and 104 on macOS, including the final zero byte. */
const SOCKET_PATH_BYTES_MAX = 103;
const POINTER = 'socket';

/**
 * Returns a path for a new Unix socket, in a folder that only this user may enter (mkdtemp: 0700).
 *
 * The folder is not in the campaign's directory: that path may be too long for a socket, and network file systems may
 * not support sockets.
 * @param name of the socket
 */
export async function createSocketPath(name: string): Promise<string> {
  const longest = join(tmpdir(), 'elastream-XXXXXX', name);
  const folder = Buffer.byteLength(longest) <= SOCKET_PATH_BYTES_MAX ? tmpdir() : '/tmp';
  return join(await mkdtemp(join(folder, 'elastream-')), name);
}

/**
 * Writes the socket's path to a file in the directory, where other processes look for it. Returns a function that
 * removes the file.
 */
export async function publishSocket(directory: string, socketPath: string): Promise<() => Promise<void>> {
  const pointer = join(directory, POINTER);
  const draft = `${pointer}.${process.pid}`;
  await removeStale(await pathIn(directory));
  await writeFile(draft, socketPath);
  await rename(draft, pointer);
  return () => rm(pointer, { force: true });
}

/** Returns the socket of the living process that has published one in the directory; undefined if there is none. */
export async function findSocket(directory: string): Promise<string | undefined> {
  const path = await pathIn(directory);
  if (path === undefined) return undefined;
  // The file of a killed process names a socket that does not answer.
  return (await answers(path)) ? path : undefined;
}

function pathIn(directory: string): Promise<string | undefined> {
  return readFile(join(directory, POINTER), 'utf8').catch(() => undefined);
}

/**
 * Removes the socket of a killed process. The directory may come from another machine, so only a dead socket is removed.
 */
async function removeStale(path: string | undefined): Promise<void> {
  if (path === undefined || (await answers(path))) return;
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isSocket()) return;
  await rm(path, { force: true }).catch(() => {});
  await rmdir(dirname(path)).catch(() => {});
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
