import { join } from 'node:path';
import { AppError } from '../../../model/app-error.ts';
import type { QueueSettings } from '../../../model/execution.ts';
import type { AskedJob, Launcher, LaunchJob, LaunchState } from '../../../ports/launcher.ts';
import { quoted, SCRIPT } from '../programs/run-script.ts';
import { type QueueAnswer, type QueueCommand, type RunQueueCommand, unavailable } from './queue-command.ts';

/** A job as a queue lists it. */
export interface QueueJob {
  readonly name: string;
  readonly id: string;
  readonly state: LaunchState;
}

/** The words of one batch system. */
export interface QueueDialect {
  /** A submission of the script on standard input. */
  submission(job: LaunchJob, settings: QueueSettings): QueueCommand;
  /** The job's id; undefined if the answer is none. */
  jobId(answer: QueueAnswer): string | undefined;
  /** Whether the queue may take the job later. */
  isForNow(answer: QueueAnswer): boolean;
  /** All jobs of this user that the queue still shows. */
  listing(): QueueCommand;
  /** @throws AppError `unavailable` (retryable) if it is no list */
  listed(answer: QueueAnswer): QueueJob[];
  /** Jobs that the queue no longer shows; absent without such a record. */
  history?(names: readonly string[]): readonly QueueCommand[];
  remembered?(answer: QueueAnswer): QueueJob[];
  cancellation(id: string): QueueCommand;
}

const SECOND_MS = 1_000;
/** NFS caches what is not there for up to a minute. */
const LOOKS_MAX = 6;
const HISTORY_NAMES_MAX = 400;
/** A job that the queue does not show right after its submission is asked for again. */
const NOT_YET_MS = 30_000;
const WORDS_MAX = 500;

export function createQueueLauncher(
  settings: QueueSettings,
  dialect: QueueDialect,
  { run, monotonic }: { readonly run: RunQueueCommand; readonly monotonic: () => number },
): Launcher {
  const ids = new Map<string, string>();
  const submittedMs = new Map<string, number>();

  async function history(names: readonly string[], found: Map<string, LaunchState>): Promise<void> {
    if (dialect.history === undefined || names.length === 0) return;
    for (let i = 0; i < names.length; i += HISTORY_NAMES_MAX) {
      const some = names.slice(i, i + HISTORY_NAMES_MAX);
      const wanted = new Set(some);
      for (const command of dialect.history(some)) {
        const answer = await run(command).catch(() => undefined);
        if (answer?.code !== 0) continue;
        for (const { name, state } of dialect.remembered!(answer)) if (wanted.has(name)) found.set(name, state);
        break;
      }
    }
  }

  return {
    pollMs: settings.pollSeconds * SECOND_MS,
    looksMax: LOOKS_MAX,
    jobsMax: settings.jobsMax,
    async submit(job) {
      const script = `#!/bin/sh\nexec /bin/sh ${quoted(join(job.folder, SCRIPT))}\n`;
      const command = dialect.submission(job, settings);
      const answer = await run({ ...command, input: script });
      const id = answer.code === 0 ? dialect.jobId(answer) : undefined;
      if (id === undefined) throw refusal(command.program, answer, dialect.isForNow(answer));
      ids.set(job.name, id);
      submittedMs.set(job.name, monotonic());
    },
    async states(jobs) {
      const command = dialect.listing();
      const all = new Map<string, LaunchState>();
      const asked = new Set(jobs.map(({ name }) => name));
      for (const { name, id, state } of dialect.listed(await run(command))) {
        if (!asked.has(name)) continue;
        ids.set(name, id);
        // Of several jobs of one name the one that lives counts.
        const known = all.get(name);
        if (known === undefined || known.kind === 'ended') all.set(name, state);
      }
      const isLate = ({ name, isKnown }: AskedJob) => {
        const sinceMs = monotonic() - (submittedMs.get(name) ?? Number.NEGATIVE_INFINITY);
        if (isKnown && !all.has(name) && sinceMs < NOT_YET_MS) all.set(name, { kind: 'waiting', why: 'submitted' });
        return isKnown && !all.has(name);
      };
      await history(
        jobs.filter(isLate).map(({ name }) => name),
        all,
      );
      for (const name of ids.keys()) if (!asked.has(name)) forget(name);
      return all;
    },
    async cancel(job) {
      if (!ids.has(job.name)) await this.states([{ ...job, isKnown: true }]);
      const id = ids.get(job.name);
      if (id !== undefined) await run(dialect.cancellation(id));
    },
    async close() {},
  };

  function forget(name: string): void {
    ids.delete(name);
    submittedMs.delete(name);
  }
}

function refusal(program: string, { code, stdout, stderr }: QueueAnswer, isForNow: boolean): AppError {
  const words = `${stderr} ${stdout}`.replace(/\s+/g, ' ').trim().slice(0, WORDS_MAX) || `code ${code}, without a word`;
  if (isForNow) return unavailable(`${program} takes no job for now (${words}): it is asked again`);
  const remedy = 'mend calculator.launcher or the limits, then resume the campaign';
  return new AppError('unavailable', `${program} refuses the job (${words}): ${remedy}`);
}
