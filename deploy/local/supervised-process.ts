import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessPlan {
  readonly name: string;
  /** Default: node. */
  readonly command?: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Default: SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  readonly env?: Readonly<Record<string, string>>;
  /** Receives the output of all its restarts. */
  readonly logFile: string;
  /** Returns whether the process answers now. */
  readonly isReady: () => Promise<boolean>;
}

/** A process that is restarted when it dies, as in Kubernetes. */
export interface SupervisedProcess {
  readonly name: string;
  readonly pid: number | undefined;
  /** Number of restarts. */
  readonly restarts: number;
  ready(): Promise<void>;
  /** Kills the process as a power cut would; it is restarted automatically. */
  kill(): void;
  /** Suspends the process: connections stay open and nothing is answered. */
  freeze(): void;
  thaw(): void;
  /**
   * Sends the stop signal and, if the process does not end, SIGKILL. Resolves with the exit code, or null if it had to
   * be killed.
   */
  stop(): Promise<number | null>;
}

const RESTART_MS = 500;
const READY_MS_MAX = 240_000;
const STOP_MS_MAX = 40_000;
/** Exit code of a service with an unusable configuration: a restart would not help. */
const MISCONFIGURED = 2;

export function startSupervised(plan: ProcessPlan): SupervisedProcess {
  const { name, command = process.execPath, args, cwd, env, stopSignal = 'SIGTERM', logFile, isReady } = plan;
  let child: ChildProcess;
  let restarts = -1;
  let stopping = false;
  let lost: string | undefined;
  const start = () => {
    restarts++;
    const started = spawn(command, args, {
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(logFile, { flags: 'a' });
    started.stdout.pipe(log, { end: false });
    started.stderr.pipe(log, { end: false });
    started.once('exit', (code) => {
      if (stopping) return;
      if (code === MISCONFIGURED) lost = `${name} cannot be started: see ${logFile}`;
      else void sleep(RESTART_MS).then(() => stopping || start());
    });
    child = started;
  };
  start();
  return {
    name,
    get pid() {
      return isAlive(child) ? child.pid : undefined;
    },
    get restarts() {
      return restarts;
    },
    async ready() {
      const deadline = performance.now() + READY_MS_MAX;
      while (!(await isReady().catch(() => false))) {
        if (lost) throw new Error(lost);
        if (performance.now() > deadline)
          throw new Error(`${name} was not ready within ${READY_MS_MAX} ms: ${logFile}`);
        await sleep(100);
      }
    },
    kill: () => void child.kill('SIGKILL'),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async stop() {
      stopping = true;
      if (!isAlive(child)) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill(stopSignal);
      const patience = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
      await ended;
      clearTimeout(patience);
      return child.exitCode;
    },
  };
}

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
