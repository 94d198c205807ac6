import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ContentHash } from '../../../model/content-hash.ts';
import { parseExecution } from './parse-execution.ts';
import { attemptFolder } from './program-runs.ts';
import { readEnding, readOwner, tailOf } from './run-folder.ts';

/** A run of an attempt, as its folder shows it to whoever can read it. */
export interface RunView {
  readonly name: string;
  readonly folder: string;
  readonly state: 'waiting' | 'running' | 'ended';
  readonly node?: string;
  /** Of a batch queue. */
  readonly jobId?: string;
  /** RFC 3339. */
  readonly beganAt?: string;
  /** When its time will be over at the latest. */
  readonly endsBy?: string;
  readonly exitCode?: number;
  /** The last lines of what it printed. */
  readonly log: readonly string[];
}

const TAIL_BYTES = 16_384;
const MINUTE_MS = 60_000;

/** The runs of an attempt; empty where none has begun, or its folder is not on this machine. */
export async function viewAttempt(
  base: string,
  { calculationId, attempt, execution }: { calculationId: ContentHash; attempt: number; execution?: string },
  lines: number,
): Promise<RunView[]> {
  if (execution === undefined) return [];
  const folder = attemptFolder(resolve(base, parseExecution(execution).runDir ?? '.'), calculationId, attempt);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(names.sort().map((name) => viewRun(join(folder, name), name, lines)));
}

async function viewRun(folder: string, name: string, lines: number): Promise<RunView> {
  const [ending, owner] = [await readEnding(folder), await readOwner(folder)];
  const state = ending ? 'ended' : owner ? 'running' : 'waiting';
  const beganMs = owner?.began === undefined ? undefined : owner.began * 1000;
  const minutes = await minutesOf(folder);
  const at = (ms: number) => new Date(ms).toISOString();
  return {
    ...{ name, folder, state, log: lines > 0 ? await logOf(folder, lines) : [] },
    ...(owner?.node !== undefined && { node: owner.node }),
    ...(owner?.jobId && { jobId: owner.jobId }),
    ...(beganMs !== undefined && { beganAt: at(beganMs) }),
    ...(beganMs !== undefined && minutes !== undefined && !ending && { endsBy: at(beganMs + minutes * MINUTE_MS) }),
    ...(ending && { exitCode: ending.exitCode }),
  };
}

async function minutesOf(folder: string): Promise<number | undefined> {
  try {
    return (JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as { minutes?: number }).minutes;
  } catch {
    return undefined;
  }
}

async function logOf(folder: string, lines: number): Promise<string[]> {
  const texts = await Promise.all(['stdout.txt', 'stderr.txt'].map((name) => tailOf(join(folder, name), TAIL_BYTES)));
  return texts.flatMap((text) =>
    (text ?? '')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-lines),
  );
}
