import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { AppError } from '../../model/app-error.ts';

/** Bytes on their way to a file or to standard output. Exactly one of commit, keep and discard ends it. */
export interface Output {
  /** Where it goes, for messages. */
  readonly name: string;
  /** Where the bytes stand until `commit`; undefined where nothing can be kept (standard output, a device, a pipe). */
  readonly partialPath: string | undefined;
  /** Bytes written so far, those of an interrupted run that is resumed included. */
  readonly bytes: number;
  write(chunk: Uint8Array): Promise<void>;
  /** All is written: the file takes its name. */
  commit(): Promise<void>;
  /** Stops early and leaves the partial file where it is. */
  keep(): Promise<void>;
  /** Stops early and removes the partial file. */
  discard(): Promise<void>;
}

/** Where the bytes of `path` stand until they are complete. */
export function partialPath(path: string): string {
  return `${path}.partial`;
}

/** The file that a path finally names, through any symbolic link; itself where there is none yet. */
export async function finalPath(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/**
 * Opens a file, or standard output for `-`. A regular file is written beside its final name and renamed at the end, so
 * that nobody ever meets half of it under that name; a device or a pipe is written to directly.
 * @param resumeAt how many bytes of the partial file to keep; from nothing where absent
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
      // The name must never outlive a power failure without the bytes.
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
    // After a failed write nothing may follow: the main's handler of standard output's errors ends the program.
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

async function attempt<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new AppError('output_unwritable', `cannot write ${name}: ${(cause as Error).message}`, { cause });
  }
}
