import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { LocalSettings } from '../../../model/execution.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Launcher, LaunchJob, LaunchState } from '../../../ports/launcher.ts';
import { readOwner } from '../programs/run-folder.ts';
import { SCRIPT } from '../programs/run-script.ts';
import { residentMiB, runsScript, signalGroup } from './process-session.ts';

/*
 * Invariants:
 * 1. A run outlives the process that started it, so that nothing is lost where that one is killed. The next one finds it
 *    by its claim.
 * 2. Time and memory are limited by whoever watches it.
 */

const POLL_MS = 250;
const MEMORY_EVERY_MS = 2_000;
/** From the request to end until it is made to end. */
const KILL_AFTER_MS = 10_000;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

interface LocalRun {
  readonly pid: number;
  readonly job: LaunchJob;
  /** By the monotonic clock. */
  readonly begunMs: number;
  state: LaunchState;
  /** Why it is made to end, and since when. */
  ending?: { readonly as: 'timed_out' | 'out_of_memory' | 'killed'; readonly sinceMs: number };
}

/** Runs programs on this machine, each in a session of its own. */
export function createLocalLauncher({ parallel }: LocalSettings, clock: Clock): Launcher {
  const runs = new Map<string, LocalRun>();
  let memoryMs = Number.NEGATIVE_INFINITY;

  function start(job: LaunchJob): void {
    const script = join(job.folder, SCRIPT);
    const child = spawn('/bin/sh', [script], { cwd: job.folder, detached: true, stdio: 'ignore' }); // 1
    const run: LocalRun = {
      ...{ pid: child.pid ?? 0, job, begunMs: clock.monotonic(), state: { kind: 'running', node: hostname() } },
    };
    runs.set(job.name, run);
    child.on('error', () => {
      run.state = { kind: 'ended', ended: 'lost' };
    });
    child.on('exit', (code) => {
      if (run.ending) run.state = { kind: 'ended', ended: run.ending.as };
      else
        run.state =
          code === null ? { kind: 'ended', ended: 'killed' } : { kind: 'ended', ended: 'exited', exitCode: code };
    });
    child.unref();
  }

  /** A run of an earlier process: it is running as long as its script is. */
  async function adopted(job: LaunchJob): Promise<LaunchState> {
    const owner = await readOwner(job.folder);
    if (owner === undefined) return { kind: 'unknown' };
    const { pid, node, began = 0 } = owner;
    const ranMs = Math.max(0, clock.now() - began * SECOND_MS);
    if (node !== undefined && node !== hostname()) {
      // Another machine's: nothing is known of it here but its time limit.
      const isOver = ranMs > (job.minutes + 1) * MINUTE_MS;
      return isOver ? { kind: 'ended', ended: 'lost' } : { kind: 'running', node };
    }
    if (pid === undefined || !(await runsScript(pid, join(job.folder, SCRIPT))))
      return { kind: 'ended', ended: 'lost' };
    const state: LaunchState = { kind: 'running', node: hostname() };
    runs.set(job.name, { pid, job, begunMs: clock.monotonic() - ranMs, state });
    return state;
  }

  async function stateOf(job: LaunchJob): Promise<LaunchState> {
    const run = runs.get(job.name);
    if (run === undefined) return adopted(job);
    if (run.state.kind === 'running' && !(await isStillRunning(run))) {
      run.state = { kind: 'ended', ended: run.ending?.as ?? 'lost' };
    }
    return run.state;
  }

  /** One that was started here says itself when it ends. */
  async function isStillRunning({ pid, job }: LocalRun): Promise<boolean> {
    return started.has(job.name) || runsScript(pid, join(job.folder, SCRIPT));
  }
  const started = new Set<string>();

  async function limit(): Promise<void> {
    const nowMs = clock.monotonic();
    const isDue = nowMs - memoryMs >= MEMORY_EVERY_MS;
    if (isDue) memoryMs = nowMs;
    const running = [...runs.values()].filter(({ state }) => state.kind === 'running');
    const resident = isDue && running.length > 0 ? await residentMiB() : new Map<number, number>();
    for (const run of running) {
      if (nowMs - run.begunMs > run.job.minutes * MINUTE_MS) end(run, 'timed_out');
      else if ((resident.get(run.pid) ?? 0) > run.job.memoryMiB) end(run, 'out_of_memory');
      else if (run.ending) end(run, run.ending.as);
    }
  }

  function end(run: LocalRun, as: NonNullable<LocalRun['ending']>['as']): void {
    const nowMs = clock.monotonic();
    run.ending ??= { as, sinceMs: nowMs };
    if (run.pid === 0) return;
    signalGroup(run.pid, nowMs - run.ending.sinceMs >= KILL_AFTER_MS ? 'SIGKILL' : 'SIGTERM');
  }

  return {
    pollMs: POLL_MS,
    looksMax: 2,
    jobsMax: parallel,
    async submit(job) {
      if (runs.has(job.name) || (await readOwner(job.folder)) !== undefined) return;
      started.add(job.name);
      start(job);
    },
    async states(jobs) {
      await limit(); // 2
      const states = new Map<string, LaunchState>();
      for (const job of jobs) states.set(job.name, await stateOf(job));
      for (const [name, { state }] of runs) if (state.kind === 'ended' && !states.has(name)) forget(name);
      return states;
    },
    async cancel(job) {
      await stateOf(job);
      const run = runs.get(job.name);
      if (run?.state.kind === 'running') end(run, 'killed');
    },
    async close() {}, // 1
  };

  function forget(name: string): void {
    runs.delete(name);
    started.delete(name);
  }
}
