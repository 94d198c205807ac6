import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, resolve } from 'node:path';
import { AppError } from '../../model/app-error.ts';
import { createSocketPath, publishSocket } from '../unix-socket/socket-path.ts';
import { writeEngineUsers } from './engine-users.ts';

/**
 * The ClickHouse engine on a directory, in a child process that serves ClickHouse's HTTP interface on a Unix socket.
 */
export interface ChdbServer {
  readonly socketPath: string;
  /** The child's process id; undefined if no child is running. */
  readonly pid: number | undefined;
  /** Restarts the child if it has died. Concurrent callers share one start. */
  recover(): Promise<void>;
  /** Lets running requests end and waits until the child has ended. */
  close(): Promise<void>;
}

/** The child's only message. */
export type ChildMessage = { readonly ready: true } | { readonly failed: string };

/** A lost connection is noticed a moment before the death of the child. */
const DEATH_NOTICE_MS = 500;
const STOP_MS_MAX = 15_000;
/** Threads of the child's libuv pool. A long statement blocks one thread, and inserts must still find a free one. */
const THREADS = '12';
const STDERR_CHARACTERS_MAX = 2_000;
const WORKER_SCRIPT = new URL(`./chdb-worker${extname(import.meta.url)}`, import.meta.url);

export interface ChdbServerOptions {
  /** The child's program; tests pass the compiled one. */
  readonly workerScript?: URL;
}

/**
 * Starts the engine. `directory` holds its data (in `engine`) and a file with the path of its socket, for other
 * processes.
 * @throws AppError `dependency_missing`, `storage_locked` (another process has it open), `unavailable`
 */
export async function startChdbServer(directory: string, options: ChdbServerOptions = {}): Promise<ChdbServer> {
  requireChdb();
  const engineDirectory = resolve(directory, 'engine');
  await mkdir(engineDirectory, { recursive: true });
  const socketPath = await createSocketPath('sql');
  await writeEngineUsers(dirname(socketPath));
  const start = () => startChild(options.workerScript ?? WORKER_SCRIPT, engineDirectory, socketPath);
  let child: ChildProcess;
  try {
    child = await start();
  } catch (error) {
    await rm(dirname(socketPath), { recursive: true, force: true });
    throw error;
  }
  const unpublish = await publishSocket(directory, socketPath);
  let starting: Promise<void> | undefined;
  let closed = false;
  return {
    socketPath,
    get pid() {
      return isAlive(child) ? child.pid : undefined;
    },
    async recover() {
      if (isAlive(child)) await exitOf(child, DEATH_NOTICE_MS);
      if (closed || isAlive(child)) return;
      starting ??= start()
        .then((fresh) => {
          child = fresh;
        })
        .finally(() => {
          starting = undefined;
        });
      await starting;
    },
    async close() {
      if (closed) return;
      closed = true;
      await starting?.catch(() => {});
      await unpublish();
      if (isAlive(child)) {
        child.send('stop', () => {});
        if (!(await exitOf(child, STOP_MS_MAX))) child.kill('SIGKILL');
      }
      await rm(dirname(socketPath), { recursive: true, force: true });
    },
  };
}

function requireChdb(): void {
  try {
    createRequire(import.meta.url).resolve('chdb');
  } catch (cause) {
    const message = "SQL queries need the optional package chdb (550 MB): install it with 'npm install chdb@3.4'";
    throw new AppError('dependency_missing', message, { cause });
  }
}

async function startChild(script: URL, directory: string, socketPath: string): Promise<ChildProcess> {
  const child = fork(script, [directory, socketPath], {
    // The engine reads its configuration from its working directory, which must hold no other configuration.
    cwd: dirname(socketPath),
    // Options of the parent, such as a debugger's port, are not passed on.
    execArgv: [],
    env: { ...process.env, UV_THREADPOOL_SIZE: THREADS },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_CHARACTERS_MAX);
  });
  const ended = once(child, 'close').then(([code, signal]) => `it ended with ${signal ?? `code ${code}`}`);
  const failure = await Promise.race([
    once(child, 'message').then(([message]: ChildMessage[]) => ('failed' in message! ? message.failed : undefined)),
    ended,
  ]);
  if (failure === undefined) {
    // The child must not keep a process alive that has nothing else to do.
    for (const handle of [child, child.channel!, child.stderr as unknown as { unref(): void }]) handle.unref();
    return child;
  }
  // The engine writes the reason to standard error, which arrives later than the message.
  await ended;
  throw startFailure(`${failure} ${stderr}`.trim(), directory);
}

function startFailure(failure: string, directory: string): AppError {
  if (/Cannot lock file|already running/.test(failure)) {
    const message = `the tables in ${directory} are open in another process: let it finish first`;
    return new AppError('storage_locked', message, { retryable: true });
  }
  if (/cannot find|Unsupported|dlopen|GLIBC|invalid ELF/i.test(failure)) {
    return new AppError('dependency_missing', `chdb has no engine for this machine: ${failure}`);
  }
  return new AppError('unavailable', `the ClickHouse engine did not start: ${failure}`, { retryable: true });
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** Waits at most `ms` for the child's end. Returns whether the child has ended. */
async function exitOf(child: ChildProcess, ms: number): Promise<boolean> {
  if (!isAlive(child)) return true;
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), ms);
  try {
    child.ref();
    await once(child, 'exit', { signal: patience.signal });
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
