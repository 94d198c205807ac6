import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { CliResult } from './cli.ts';
import { cliMain } from './cli.ts';

/** A running `elastream run`. */
export interface CampaignProcess {
  readonly process: ChildProcess;
  /** Resolves once it and its output have ended. */
  readonly ended: Promise<CliResult>;
}

export function startCampaign(args: readonly string[]): CampaignProcess {
  const child = spawn(process.execPath, [cliMain(), 'run', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code, signal]): CliResult => ({ code, signal, stdout, stderr }));
  return { process: child, ended };
}

/** The living processes that a process has started; none where /proc does not tell. */
export function childrenOf(pid: number): number[] {
  return statLines().flatMap(({ pid: other, parent, state }) => (parent === pid && state !== 'Z' ? [other] : []));
}

export function isRunning(pid: number): boolean {
  return statLines().some((line) => line.pid === pid && line.state !== 'Z');
}

function statLines(): { pid: number; parent: number; state: string }[] {
  if (!existsSync('/proc')) return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [{ pid: Number(name), parent: Number(parent), state: state! }];
    } catch {
      return [];
    }
  });
}
