import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { inject } from 'vitest';

export interface CliOptions {
  /** Written to standard input, which is then closed; without it standard input is empty. */
  readonly stdin?: string | Uint8Array;
  readonly cwd?: string;
  /** Added to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** Sends a signal (SIGINT unless told) as soon as `output` matches what was printed so far, or after `ms`. */
  readonly signalAfter?: { readonly signal?: NodeJS.Signals; readonly output?: RegExp; readonly ms?: number };
}

export interface CliResult {
  /** The exit code; null where a signal ended the program. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built program's main file, for tests that need a shell, such as those of pipes. */
export function cliMain(): string {
  return inject('cliMain');
}

/** The folder of the built program: dist, built for these tests. */
export function builtProgram(): string {
  return join(cliMain(), '../../..');
}

/** Runs the built program as a user would, and waits for its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return runNode([cliMain(), ...args], options);
}

/** Runs a main file. */
export function runNode(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const { signal = 'SIGINT', output, ms } = options.signalAfter ?? {};
    const timer = ms === undefined ? undefined : setTimeout(() => child.kill(signal), ms);
    let [stdout, stderr, signalled] = ['', '', false];
    const heard = () => {
      if (signalled || !output || !(output.test(stdout) || output.test(stderr))) return;
      signalled = true;
      child.kill(signal);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      heard();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      heard();
    });
    child.on('error', reject);
    child.on('close', (code, endSignal) => {
      clearTimeout(timer);
      resolve({ code, signal: endSignal, stdout, stderr });
    });
    // The program may refuse its arguments before it reads: a closed pipe is then no error of the test.
    child.stdin.on('error', () => {});
    child.stdin.end(options.stdin ?? '');
  });
}
