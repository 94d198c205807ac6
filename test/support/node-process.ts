import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface NodeProcessOptions {
  /** Text for standard input, which is then closed; `open` leaves both to the test. Empty by default. */
  readonly stdin?: string | Uint8Array | 'open';
  readonly cwd?: string | undefined;
  /** Added to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The limit of any file's size, in units of 1,024 bytes. */
  readonly fileBlocksMax?: number | undefined;
}

export interface NodeResult {
  /** The exit code; null if a signal ended the program. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running Node program. */
export interface NodeProcess {
  readonly process: ChildProcess;
  /** Everything that it has written so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves once it and its output have ended. */
  readonly ended: Promise<NodeResult>;
}

/** Starts Node with these arguments and collects its output. */
export function startNode(args: readonly string[], options: NodeProcessOptions = {}): NodeProcess {
  const { stdin = '', cwd, env, fileBlocksMax } = options;
  const node = [process.execPath, ...args];
  const limited = ['bash', '-c', `ulimit -f ${fileBlocksMax}; exec "$@"`, 'bash', ...node];
  const [command, ...words] = fileBlocksMax === undefined ? node : limited;
  const child = spawn(command!, words, { cwd, env: { ...process.env, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // The program may reject its arguments before it reads; a closed pipe is then no test failure.
  child.stdin.on('error', () => {});
  if (stdin !== 'open') child.stdin.end(stdin);
  const ended = once(child, 'close').then(([code, signal]): NodeResult => ({ code, signal, stdout, stderr }));
  return { process: child, stdout: () => stdout, stderr: () => stderr, ended };
}
