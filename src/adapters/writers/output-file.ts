import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { AppError } from '../../model/app-error.ts';

/** A file or standard output to which bytes are written. Exactly one call of commit, keep or discard ends it. */
export interface Output {
  /** Name of the destination, for messages. */
  readonly name: string;
  /** Path of the partial file until `commit`. Undefined for standard output, a device or a pipe, which have none. */
  readonly partialPath: string | undefined;
  /** Bytes written so far, including those of an interrupted run that is resumed. */
  readonly bytes: number;
  write(chunk: Uint8Array): Promise<void>;
  /** Finishes the output: the partial file gets its final name. */
  commit(): Promise<void>;
  /** Stops early and keeps the partial file. */
  keep(): Promise<void>;
  /** Stops early and removes the partial file. */
  discard(): Promise<void>;
}

/** Returns the path of the partial file for `path`. */
export function partialPath(path: string): string {
  return `${path}.partial`;
}

/** Returns the path behind all symbolic links; the path itself if no file exists yet. */
export async function finalPath(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/**
 * Opens a file, or standard output for `-`. A regular file is written under a partial name beside its final name and
 * renamed at the end, so that the final name never refers to half a file. A device or a pipe is written to directly.
 * @param resumeAt number of bytes of the partial file to keep; default: start from nothing
 * @throws AppError `output_unwritable`
 */
export async function openOutput(path: string, resumeAt?: number): Promise<Output> {
  if (path === '-') return standardOutput();
  const target = await finalPath(path);
  const existing = await stat(target).catch(() => undefined);
  if (existing?.isDirectory()) throw new AppError('output_unwritable', `cannot write ${path}: it is a folder`);
  const direct = existing !== undefined && !existing.isFile();
  const place = direct ? target : partialPath(target);
  const handle = await attempt(path, () => open(place, resumeAt === undefined ? 'w' : 'r+'));
  if (resumeAt !== undefined) await attempt(path, () => handle.truncate(resumeAt));
  return fileOutput(path, handle, direct ? undefined : { place, target }, resumeAt ?? 0);
}

function fileOutput(
  name: string,
  handle: FileHandle,
  renaming: { place: string; target: string } | undefined,
  start: number,
): Output {
  let bytes = start;
  return {
    name,
    partialPath: renaming?.place,
    get bytes() {
      return bytes;
    },
    async write(chunk) {
      for (let done = 0; done < chunk.length; ) {
        // A device has no positions.
        const position = renaming ? bytes : null;
        const { bytesWritten } = await attempt(name, () => handle.write(chunk, done, chunk.length - done, position));
        done += bytesWritten;
        bytes += bytesWritten;
      }
    },
    async commit() {
      // After a power failure the final name must not refer to a file whose bytes are missing.
      if (renaming) await attempt(name, () => handle.sync());
      await attempt(name, () => handle.close());
      if (renaming) await attempt(name, () => rename(renaming.place, renaming.target));
    },
    keep: () => handle.close(),
    async discard() {
      await handle.close();
      if (renaming) await rm(renaming.place, { force: true });
    },
  };
}

function standardOutput(): Output {
  let bytes = 0;
  const nothing = async () => {};
  return {
    name: 'standard output',
    partialPath: undefined,
    get bytes() {
      return bytes;
    },
    // Never resolves after a failed write, so nothing follows it: the main program's error handler of standard output
    // ends the process.
    write: (chunk) =>
      new Promise((resolve) => {
        process.stdout.write(chunk, (error) => {
          if (error) return;
          bytes += chunk.length;
          resolve();
        });
      }),
    commit: nothing,
    keep: nothing,
    discard: nothing,
  };
}

/** Writes a whole output. @throws AppError `output_unwritable` */
export async function writeOutput(path: string, text: string): Promise<void> {
  const output = await openOutput(path);
  try {
    await output.write(Buffer.from(text));
    await output.commit();
  } catch (error) {
    await output.discard();
    throw error;
  }
}

async function attempt<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new AppError('output_unwritable', `cannot write ${name}: ${(cause as Error).message}`, { cause });
  }
}
