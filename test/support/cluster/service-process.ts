import { eventually } from '../eventually.ts';
import { startNode } from '../node-process.ts';

/** A line of a service's log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly err?: { readonly code: string; readonly message: string };
}

/** One process of a service. */
export interface ServiceProcess {
  /** The lines that it has logged so far. */
  lines(): LogLine[];
  /** Resolves when it has logged this message. */
  said(message: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Its exit code; null if a signal ended it. */
  readonly ended: Promise<number | null>;
}

const SAID_MS_MAX = 60_000;

export function startServiceProcess(main: string, env: Readonly<Record<string, string>>): ServiceProcess {
  const { process: child, stdout, ended } = startNode([main], { env });
  child.stderr!.pipe(process.stderr, { end: false });
  const lines = () => logLines(stdout());
  return {
    lines,
    said: (message) => eventually(() => lines().some(({ msg }) => msg === message), SAID_MS_MAX),
    signal: (signal) => void child.kill(signal),
    ended: ended.then(({ code }) => code),
  };
}

/** The JSON lines of a service's output. */
export function logLines(output: string): LogLine[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as LogLine);
}
