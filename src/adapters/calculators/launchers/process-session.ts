import { readdir, readFile } from 'node:fs/promises';

/*
 * The processes that a local run has started. It begins a session of its own (setsid), so all of them bear its id and
 * can be told from others, counted and ended together. Linux alone tells of them in /proc; elsewhere the first process
 * is all that is known.
 */

const PAGE_BYTES = 4096;

/** Whether this process exists and runs that script: ids of processes are given again. */
export async function runsScript(pid: number, script: string): Promise<boolean> {
  try {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    if (line.split('\0').includes(script)) return true;
    // Its last moments, or a machine without /proc.
    return false;
  } catch {
    return process.platform !== 'linux' && isAlive(pid);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The resident memory of sessions, in MiB; empty where it cannot be told. */
export async function residentMiB(): Promise<ReadonlyMap<number, number>> {
  const bySession = new Map<number, number>();
  const names = await readdir('/proc').catch(() => []);
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => undefined);
    if (stat === undefined) continue;
    // The name of the program may hold anything, and ends with the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const session = Number(fields[3]);
    bySession.set(session, (bySession.get(session) ?? 0) + (Number(fields[21]) * PAGE_BYTES) / 2 ** 20);
  }
  return bySession;
}

/** Signals all processes of a group; those that have ended are none. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
