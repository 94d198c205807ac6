import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cliMain } from './cli.ts';

export interface StartedCli {
  readonly process: ChildProcess;
  /** Resolves with the exit code or the signal. */
  readonly ended: Promise<number | string>;
}

/** Starts the built program and does not wait for its end; what it prints is lost. */
export function startCli(args: readonly string[]): StartedCli {
  const child = spawn(process.execPath, [cliMain(), ...args], { stdio: 'ignore' });
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  return { process: child, ended };
}
