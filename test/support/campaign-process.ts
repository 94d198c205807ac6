import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { openCampaignLog } from '../../src/cli/campaign/campaign-directory.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { EventLogReader } from '../../src/ports/event-log.ts';
import { cliMain } from './cli.ts';
import { eventually } from './eventually.ts';
import { type NodeProcess, startNode } from './node-process.ts';

/** Starts `elastream run`. */
export function startCampaign(args: readonly string[]): NodeProcess {
  return startNode([cliMain(), 'run', ...args]);
}

/** Waits until a topic of the run's log holds this many events, or the run has ended. */
export async function eventsInLog(
  { process: child }: Pick<NodeProcess, 'process'>,
  directory: string,
  topic: string,
  wanted: number,
  msMax = 50_000,
): Promise<void> {
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  let log: EventLogReader | undefined;
  try {
    await eventually(async () => {
      log ??= await openedLog(directory);
      return isOver() || (log !== undefined && (await eventCount(log, topic)) >= wanted);
    }, msMax);
  } finally {
    await log?.close();
  }
}

/** Undefined while the log does not exist, is not stamped yet, or has no topics. */
async function openedLog(directory: string): Promise<EventLogReader | undefined> {
  let log: EventLogReader | undefined;
  try {
    log = openCampaignLog(directory);
    if ((await log.topics()).length > 0) return log;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
  await log?.close();
  return undefined;
}

async function eventCount(log: EventLogReader, topic: string): Promise<number> {
  return (await log.endOffsets(topic)).reduce((sum, offset) => sum + offset, 0);
}

/** The living children of a process; empty if there is no /proc. */
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
