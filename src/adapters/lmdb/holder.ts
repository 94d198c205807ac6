import { readFileSync } from 'node:fs';

/** The process that may write a directory. */
export interface Holder {
  readonly pid: number;
  /** When the process started; empty if unknown. Pids are reused, in a container at every start. */
  readonly started: string;
}

export function ownHolder(): Holder {
  return { pid: process.pid, started: processStart(process.pid) ?? '' };
}

/** Returns whether this same process still runs, as far as this machine can tell. */
export function isAlive(holder: Holder): boolean {
  if (!isRunning(holder.pid)) return false;
  const started = processStart(holder.pid);
  return started === undefined || holder.started === '' || started === holder.started;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process cannot be signalled, but it exists.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Returns the boot id and the start time in clock ticks since boot (Linux); undefined on other systems. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The process name in parentheses may hold spaces. The fields after it are the state (3rd) and, as 22nd, the start
    // time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return 'dead';
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19]}`;
  } catch {
    return undefined;
  }
}
