import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** sockaddr_un holds 108 bytes on Linux and 104 on macOS, the final zero included. */
const SOCKET_PATH_BYTES_MAX = 103;
const POINTER = 'socket';

/**
 * A path for a new Unix socket, in a folder that only this user may enter (mkdtemp: 0700).
 *
 * Not in the campaign's directory: its path may be too long for a socket, and network file systems may have none.
 */
export async function createSocketPath(): Promise<string> {
  const name = join('elastream-XXXXXX', 'sql');
  const folder = Buffer.byteLength(join(tmpdir(), name)) <= SOCKET_PATH_BYTES_MAX ? tmpdir() : '/tmp';
  return join(await mkdtemp(join(folder, 'elastream-')), 'sql');
}

/** Writes the socket's path into the directory, where other processes look for it. Returns what takes it back. */
export async function publishSocket(directory: string, socketPath: string): Promise<() => Promise<void>> {
  const pointer = join(directory, POINTER);
  const draft = `${pointer}.${process.pid}`;
  await writeFile(draft, socketPath);
  await rename(draft, pointer);
  return () => rm(pointer, { force: true });
}

/** The socket of the process that has the directory's tables open; undefined where there is none. */
export async function findSocket(directory: string): Promise<string | undefined> {
  const path = await readFile(join(directory, POINTER), 'utf8').catch(() => undefined);
  if (path === undefined) return undefined;
  // What a killed process left behind names a socket that nobody answers.
  return (await answers(path)) ? path : undefined;
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
