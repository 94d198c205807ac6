import { join, relative, resolve } from 'node:path';
import { AppError } from '../../../model/app-error.ts';
import type { ContentHash } from '../../../model/content-hash.ts';
import type { Execution, LauncherSettings } from '../../../model/execution.ts';
import { sortedJson } from '../../../model/sorted-json.ts';
import type { CalculationJob, CalculationResult } from '../../../ports/calculator.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Launcher, LaunchJob } from '../../../ports/launcher.ts';
import type { EndedRun, ProgramRun } from '../../../ports/simulation-code.ts';
import { type CoreHours, createCoreHours } from './core-hours.ts';
import { createJobWatch, type JobWatch } from './job-watch.ts';
import { fileHashes, prepareFolder, readOutputs, unlessUnwritable, writeRecord } from './run-folder.ts';

export interface ProgramRunsParts {
  readonly clock: Clock;
  /** Absolute; campaigns that name no folder of their own, or a relative one, have theirs in it. */
  readonly base: string;
  readonly openLauncher: (settings: LauncherSettings) => Launcher;
  readonly onTrouble: (text: string) => void;
  /** Programs that campaigns may start, as they name them; `any` where the campaigns are those of whoever runs this. */
  readonly allowed: readonly string[] | 'any';
  /** Of elastream, and the machine and process that it runs on: noted with each attempt. */
  readonly version: string;
  readonly node: string;
}

/** The runs of all program calculators of a process: launchers are shared, so that each queue is asked once. */
export interface ProgramRuns {
  /** @returns why there can be no attempt, as a text */
  open(job: CalculationJob, execution: Execution): Promise<AttemptRuns | string>;
}

interface AttemptRuns {
  /** @throws AppError `interrupted` on abort, which does not end the run */
  execute(run: ProgramRun, signal: AbortSignal): Promise<EndedRun>;
  conclude(result: CalculationResult): Promise<CalculationResult>;
}

export function createProgramRuns(parts: ProgramRunsParts): ProgramRuns {
  const { clock, base } = parts;
  const watches = new Map<string, JobWatch>();
  const budgets = new Map<string, CoreHours>();

  function watchOf(settings: LauncherSettings): JobWatch {
    const key = sortedJson(settings);
    const known = watches.get(key);
    if (known) return known;
    const watch = createJobWatch({ launcher: parts.openLauncher(settings), clock, onTrouble: parts.onTrouble });
    watches.set(key, watch);
    return watch;
  }

  function budgetOf(runDir: string): CoreHours {
    const budget = budgets.get(runDir) ?? createCoreHours(runDir, () => clock.monotonic());
    budgets.set(runDir, budget);
    return budget;
  }

  return {
    async open(job, execution) {
      const runDir = resolve(base, execution.runDir ?? '.');
      checkAllowed(parts, runDir, execution);
      const budget = budgetOf(runDir);
      const folder = attemptFolder(runDir, job.calculationId, job.attempt);
      const isBegun = await recordAttempt(folder, job, execution, parts);
      const { coreHoursMax = Number.POSITIVE_INFINITY, campaign } = execution;
      if (!isBegun && coreHoursMax < Number.POSITIVE_INFINITY) {
        const spent = await budget.spent(campaign);
        if (spent >= coreHoursMax) {
          return `the budget is spent: ${spent.toFixed(2)} of ${coreHoursMax} core-hours (calculator.core_hours_max)`;
        }
      }
      return attemptRuns(job, execution, { ...parts, folder, budget, watch: watchOf(execution.launcher) });
    },
  };
}

/** `run_dir/CALCULATION/ATTEMPT`, the calculation without the prefix of its hash. */
export function attemptFolder(runDir: string, calculationId: ContentHash, attempt: number): string {
  return join(runDir, calculationId.replace(/^h1:/, ''), String(attempt));
}

interface AttemptParts extends Pick<ProgramRunsParts, 'allowed'> {
  readonly folder: string;
  readonly budget: CoreHours;
  readonly watch: JobWatch;
}

function attemptRuns(job: CalculationJob, execution: Execution, parts: AttemptParts): AttemptRuns {
  const { allowed, folder, budget, watch } = parts;
  let used = 0;
  return {
    async execute(run, signal) {
      checkProgram(allowed, run.argv[0] ?? '');
      const limits = scaled(run, job.retries ?? []);
      const place = join(folder, checkedName(run.name));
      const name = `el-${job.calculationId.replace(/^h1:/, '')}-${job.attempt}-${run.name}`;
      await unlessUnwritable(place, async () => {
        await prepareFolder(place, { ...run, ...limits });
        const { argv, links = {} } = run;
        await writeRecord(join(place, 'run.json'), async () => ({
          ...{ name, argv, cores: run.cores, ...limits },
          links: Object.fromEntries(
            Object.entries(await fileHashes(links)).map(([file, sha256]) => [file, { path: links[file], sha256 }]),
          ),
        }));
      });
      const launch: LaunchJob = { name, folder: place, cores: run.cores, ...limits };
      const { note, ...ending } = await watch.ended(launch, signal);
      await budget.note(execution.campaign, name, ending.coreSeconds);
      used += ending.coreSeconds;
      const outputs = await readOutputs(place, run.outputs);
      return { name: run.name, ...ending, outputs, ...(note !== undefined && { note }) };
    },
    async conclude(result) {
      const said = { ...result, coreSeconds: used };
      await writeRecord(join(folder, 'outcome.json'), async () => plain(said));
      return said;
    },
  };
}

/** Limits grow twofold for each attempt that needed more. */
function scaled(
  { memoryMiB, minutes }: ProgramRun,
  retries: readonly string[],
): Pick<LaunchJob, 'memoryMiB' | 'minutes'> {
  const times = (what: string) => 2 ** retries.filter((retry) => retry === what).length;
  return { memoryMiB: memoryMiB * times('more_memory'), minutes: minutes * times('more_time') };
}

function checkedName(name: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) return name;
  throw new AppError('internal', `${JSON.stringify(name)} is no name for a run`);
}

/** @returns whether the attempt was begun before */
function recordAttempt(
  folder: string,
  { calculationId, attempt, materialId, materialHash, recipe, retries = [] }: CalculationJob,
  execution: Execution,
  { clock, version, node }: Pick<ProgramRunsParts, 'clock' | 'version' | 'node'>,
): Promise<boolean> {
  const made = async () => ({
    ...{ calculationId, attempt, materialId, materialHash, recipe: JSON.parse(recipe), execution, retries },
    ...{ elastream: version, begunBy: node, begunAt: new Date(clock.now()).toISOString() },
  });
  return unlessUnwritable(folder, () => writeRecord(join(folder, 'attempt.json'), made));
}

/** Typed arrays as lists. */
function plain(result: object): object {
  return JSON.parse(
    JSON.stringify(result, (_, value) => (ArrayBuffer.isView(value) ? [...(value as Float64Array)] : value)),
  );
}

/** Whoever may create campaigns on a cluster must not be able to do more there than its operator has allowed. */
function checkAllowed({ allowed, base }: ProgramRunsParts, runDir: string, { launcher, folders }: Execution): void {
  if (allowed === 'any') return;
  const refuse = (what: string): never => {
    throw new AppError('invalid_argument', `${what} is not allowed here: see ELASTREAM_PROGRAMS in docs/cluster.md`);
  };
  if (relative(base, runDir).startsWith('..')) refuse(`run_dir ${runDir}, outside ${base},`);
  if (launcher.kind !== 'local' && launcher.ssh !== undefined) refuse(`launcher.ssh ${launcher.ssh}`);
  if (launcher.kind !== 'local' && launcher.options !== undefined) refuse('launcher.options');
  if (folders !== undefined && allowed.length === 0) refuse('reading files for programs');
}

function checkProgram(allowed: ProgramRunsParts['allowed'], program: string): void {
  if (allowed === 'any' || allowed.includes(program)) return;
  const known = allowed.length === 0 ? 'no program' : allowed.join(', ');
  throw new AppError(
    'invalid_argument',
    `this calculation service may start ${known}, and not ${program}: name it in ELASTREAM_PROGRAMS of a service`,
  );
}
