import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '../eventually.ts';

/** A line of a service's log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly err?: { readonly code: string; readonly message: string };
}

/** One service, started once. */
export interface ServiceProcess {
  /** What it has logged so far. */
  lines(): LogLine[];
  /** Resolves when it has logged this. */
  said(message: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Its exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
}

const SAID_MS_MAX = 60_000;

export function startServiceProcess(main: string, env: Readonly<Record<string, string>>): ServiceProcess {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const lines = () => logLines(output);
  return {
    lines,
    said: (message) => eventually(() => lines().some(({ msg }) => msg === message), SAID_MS_MAX),
    signal: (signal) => void child.kill(signal),
    ended,
  };
}

/** The JSON lines of a service's output. */
export function logLines(output: string): LogLine[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as LogLine);
}
