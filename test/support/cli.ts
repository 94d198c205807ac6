import { join } from 'node:path';
import { inject } from 'vitest';
import { type NodeProcessOptions, type NodeResult, startNode } from './node-process.ts';

export interface CliOptions extends NodeProcessOptions {
  /** Sends a signal (SIGINT by default) as soon as `output` matches the text printed so far, or after `ms`. */
  readonly signalAfter?: { readonly signal?: NodeJS.Signals; readonly output?: RegExp; readonly ms?: number };
}

export type CliResult = NodeResult;

/** The main file of the built program, for tests that need a shell, such as tests of pipes. */
export function cliMain(): string {
  return inject('cliMain');
}

/** The folder of the built program: a dist that was built for these tests. */
export function builtProgram(): string {
  return join(cliMain(), '../../..');
}

/** Runs the built program as a user would and waits for its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return runNode([cliMain(), ...args], options);
}

/** Runs a main file. */
export async function runNode(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { process: child, stdout, stderr, ended } = startNode(args, options);
  const { signal = 'SIGINT', output, ms } = options.signalAfter ?? {};
  const timer = ms === undefined ? undefined : setTimeout(() => child.kill(signal), ms);
  let signalled = false;
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', () => {
      if (signalled || !output || !(output.test(stdout()) || output.test(stderr()))) return;
      signalled = true;
      child.kill(signal);
    });
  }
  return ended.finally(() => clearTimeout(timer));
}
