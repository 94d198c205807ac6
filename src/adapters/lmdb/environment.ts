import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { AppError } from '../../model/app-error.ts';
import { type Holder, isAlive, ownHolder } from './holder.ts';
import { metaKey } from './keys.ts';
import { assertOpenable, makeDirectory } from './openable.ts';
import { storeError } from './store-error.ts';

/*
 * Invariants:
 * 1. A write resolves only after its transaction is on the disk. LMDB's default does this: a data sync, then a
 *    synchronous write of the meta page. The lmdb package's default, overlappingSync, resolves before the sync, so it
 *    is switched off.
 * 2. One process writes. Every transaction checks that the directory still belongs to this process. A live holder can
 *    be taken for dead, since the process ids of another container are invisible. After another process has taken over,
 *    such a holder can no longer write.
 * 3. After a failed transaction this process writes nothing more. After a failed sync the content of the disk is
 *    unknown until the file is opened again.
 */

type Store = RootDatabase<Buffer, Uint8Array>;

export interface EnvironmentOptions {
  readonly directory: string;
  /** What the directory holds, for messages and the format stamp, such as `event log`. */
  readonly kind: string;
  readonly formatVersion: number;
  readonly readOnly?: boolean;
}

/**
 * An LMDB file in its own directory. It is stamped with its format, written by one process, and read by any number of
 * processes.
 */
export interface Environment {
  /** @throws AppError `closed` after `close`: LMDB itself might crash the process. */
  readonly store: Store;
  /**
   * Runs the action in the next transaction, together with all other waiting actions. Resolves when the transaction is
   * durable.
   */
  write<T>(action: () => T): Promise<T>;
  /** Makes later reads see what other processes have written. */
  refresh(): void;
  /** Returns the live process that may write, as far as this machine can tell; undefined if there is none. */
  writer(): Holder | undefined;
  close(): Promise<void>;
}

interface Job {
  readonly run: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A transaction keeps its changes in memory: this many jobs of at most a few MiB each. */
const JOBS_PER_TRANSACTION_MAX = 256;

export function openEnvironment(options: EnvironmentOptions): Environment {
  const directory = resolve(options.directory);
  const readOnly = options.readOnly ?? false;
  if (readOnly && !existsSync(join(directory, 'data.mdb'))) {
    throw new AppError('input_unreadable', `there is no ${options.kind} in ${directory}`);
  }
  const store = openStore(directory, options.kind, readOnly);
  try {
    if (readOnly) checkFormat(store, options);
    const holder = readOnly ? undefined : claim(store, options);
    return createEnvironment(store, options, holder);
  } catch (error) {
    void store.close();
    throw storeError(error, options.kind, directory);
  }
}

function openStore(directory: string, kind: string, readOnly: boolean): Store {
  try {
    const isNew = !existsSync(join(directory, 'data.mdb'));
    if (isNew) makeDirectory(directory, kind);
    assertOpenable(directory, kind, readOnly);
    const store: Store = open({
      path: directory,
      // Otherwise lmdb would take a directory with a dot in its name for a file.
      noSubdir: false,
      readOnly,
      overlappingSync: false,
      keyEncoding: 'binary',
      encoding: 'binary',
    });
    // LMDB syncs the file, but not the directory entry.
    if (isNew) for (const folder of [directory, dirname(directory)]) syncDirectory(folder);
    return store;
  } catch (error) {
    throw storeError(error, kind, directory);
  }
}

function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const FORMAT = metaKey('format');
const HOLDER = metaKey('holder');

function checkFormat(store: Store, { directory, kind, formatVersion }: EnvironmentOptions): void {
  const stamp = store.get(FORMAT)?.toString();
  if (stamp === `${kind} ${formatVersion}`) return;
  const found = stamp === undefined ? 'is not one of elastream' : `is "${stamp}"`;
  throw new AppError(
    'storage_incompatible',
    `${directory} ${found}; this version reads "${kind} ${formatVersion}": use the version of elastream that wrote it, or another directory`,
  );
}

/**
 * Checks or writes the format stamp and enters this process as the writer. Both happen in one transaction, so that only
 * one of two processes wins.
 */
function claim(store: Store, options: EnvironmentOptions): Buffer {
  const own = Buffer.from(JSON.stringify(ownHolder()));
  store.transactionSync(() => {
    if (store.getKeysCount({ limit: 1 }) === 0) {
      store.put(FORMAT, Buffer.from(`${options.kind} ${options.formatVersion}`));
    }
    checkFormat(store, options);
    const found = store.get(HOLDER);
    const other = found && (JSON.parse(found.toString()) as Holder);
    if (other && isAlive(other)) throw locked(other, options);
    store.put(HOLDER, own);
  });
  return own;
}

function locked({ pid }: Holder, { directory, kind }: EnvironmentOptions): AppError {
  const who = pid === process.pid ? 'this process itself' : `process ${pid}`;
  return new AppError(
    'storage_locked',
    `the ${kind} in ${directory} is already written by ${who}: wait for it to end or stop it, or use another directory`,
  );
}

function createEnvironment(store: Store, options: EnvironmentOptions, holder: Buffer | undefined): Environment {
  const waiting: Job[] = [];
  let scheduled = false;
  let refusal: AppError | undefined;
  if (!holder) refusal = new AppError('invalid_argument', `the ${options.kind} was opened for reading only`);

  function refuse(error: AppError, jobs: readonly Job[]): void {
    refusal ??= error;
    for (const job of jobs) job.reject(error);
  }

  /** Synchronous on purpose: lmdb's asynchronous writes turn a disk error into unhandled rejections. */
  function flush(): void {
    scheduled = false;
    const jobs = waiting.splice(0, JOBS_PER_TRANSACTION_MAX);
    if (jobs.length === 0) return;
    try {
      store.transactionSync(() => {
        if (!holder || store.get(HOLDER)?.equals(holder) !== true) {
          const found = store.get(HOLDER)?.toString() ?? '{}';
          throw locked(JSON.parse(found) as Holder, options);
        }
        for (const job of jobs) job.run();
      });
    } catch (error) {
      refuse(storeError(error, options.kind, options.directory), [...jobs, ...waiting.splice(0)]);
      return;
    }
    for (const job of jobs) job.resolve();
    if (waiting.length > 0) schedule();
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    // All writes of this turn of the event loop share one sync.
    setImmediate(flush);
  }

  return {
    get store() {
      if (refusal?.code === 'closed') throw refusal;
      return store;
    },
    write: (action) =>
      new Promise((resolve, reject) => {
        if (refusal) return reject(refusal);
        const job = { result: undefined as ReturnType<typeof action> | undefined };
        const run = () => {
          job.result = action();
        };
        waiting.push({ run, resolve: () => resolve(job.result as ReturnType<typeof action>), reject });
        schedule();
      }),
    refresh() {
      this.store.resetReadTxn();
    },
    writer() {
      this.refresh();
      const entry = this.store.get(HOLDER);
      const found = entry && (JSON.parse(entry.toString()) as Holder);
      return found && isAlive(found) ? found : undefined;
    },
    async close() {
      while (waiting.length > 0) flush();
      if (refusal?.code === 'closed') return;
      const sound = refusal === undefined;
      refusal = new AppError('closed', `the ${options.kind} in ${options.directory} is closed`);
      // After a failed transaction the holder's entry stays. The next process then finds that the holder is dead.
      if (sound && holder) {
        try {
          store.transactionSync(() => {
            if (store.get(HOLDER)?.equals(holder)) store.remove(HOLDER);
          });
        } catch {
          // The disk may be completely full. The entry stays in this case, too.
        }
      }
      await store.close();
    },
  };
}
