import { resolve } from 'node:path';
import { assertPathsExist } from '../../adapters/sources/files/input-files.ts';
import { openInputs } from '../../adapters/sources/files/open-inputs.ts';
import { inOrder } from '../../adapters/worker-threads/executor.ts';
import { finalPath } from '../../adapters/writers/output-file.ts';
import type { InputUnit } from '../../formats/input-unit.ts';
import { AppError } from '../../model/app-error.ts';
import type { TableOptions } from '../../model/table-options.ts';
import { createProgressLine, type ProgressLine } from '../../text/featurize-progress.ts';
import {
  countRejection,
  createTally,
  describeTally,
  reasonLines,
  rejectedCount,
  type Tally,
} from '../../text/featurize-tally.ts';
import { grouped } from '../../text/progress-text.ts';
import { type Interruption, listenForInterruption } from '../interruption.ts';
import { executorFor, type JobExecutor, jobsOf } from './featurize-jobs.ts';
import type { FeaturizedItem, FeaturizeSettings } from './featurize-units.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { type OutputRequest, openRunOutputs, type RunOutputs } from './run-outputs.ts';

export interface FeaturizeRequest extends OutputRequest {
  readonly inputs: readonly string[];
  readonly table: TableOptions;
  readonly settings: FeaturizeSettings;
  /** Undefined: as many as there are cores, where the input is worth it. */
  readonly workers: number | undefined;
  readonly strict: boolean;
  readonly quiet: boolean;
}

/**
 * Structures between two flushes. Counted in structures, not in jobs, so that the bytes of the output do not depend on
 * how the input happened to arrive.
 */
const FLUSH_STRUCTURES = 128;
/** How many skipped files the closing lines name. */
const SKIPPED_NAMED_MAX = 3;

/** What the parts of one run share. */
interface Run {
  readonly request: FeaturizeRequest;
  /** Absolute paths of the files to be written: output, rejections. */
  readonly targets: readonly string[];
  readonly outputs: RunOutputs;
  readonly ledger: Ledger;
  readonly tally: Tally;
  readonly progress: ProgressLine;
  /** Files of folders whose names are of no known format. */
  readonly skipped: string[];
  readonly startMs: number;
  bytesRead: number;
  bytesTotal: number | undefined;
  executor?: JobExecutor;
}

/**
 * Featurizes all inputs and says on standard error what became of them.
 * @throws AppError `interrupted`; `input_unreadable` where nothing could be featurized, or with `strict` where something
 *   was rejected; what readers and outputs throw
 */
export async function runFeaturize(request: FeaturizeRequest): Promise<void> {
  const run = await startRun(request);
  const stop = async () => {
    // Else the reader, or the end of the program, would wait for a terminal or a silent pipe.
    if (request.inputs.includes('-')) process.stdin.destroy();
    await run.executor?.close();
  };
  const interruption = listenForInterruption(() => void stop());
  try {
    await featurizeAll(run, interruption);
    if (interruption.requested) throw interrupted(run);
    await run.outputs.commit(run.tally);
  } catch (error) {
    // The first failure counts, not what fails because of it.
    await run.outputs.keep(run.ledger, run.tally).catch(() => {});
    run.progress.clear();
    if (!interruption.requested && run.outputs.resumable && run.outputs.output.bytes > 0) {
      process.stderr.write(`${whatIsKept(run)}\n`);
    }
    throw error;
  } finally {
    run.progress.clear();
    interruption.dispose();
    await stop();
  }
  conclude(run);
}

async function startRun(request: FeaturizeRequest): Promise<Run> {
  // A misspelt input must not cost what an interrupted run has left.
  await assertPathsExist(request.inputs);
  const targets = await targetsOf(request);
  const outputs = await openRunOutputs(request, request.settings);
  return {
    request,
    targets,
    outputs,
    ledger: createLedger(),
    // A checkpoint of an older version knows no first ones.
    tally: { ...createTally(), ...outputs.resumed?.tally },
    progress: createProgressLine(process.stderr.isTTY && !request.quiet ? process.stderr : undefined),
    skipped: [],
    startMs: performance.now(),
    bytesRead: 0,
    bytesTotal: undefined,
  };
}

async function targetsOf({ output, rejected }: FeaturizeRequest): Promise<readonly string[]> {
  const paths = rejected === undefined ? [output] : [output, rejected];
  const targets = await Promise.all(paths.map(async (path) => resolve(await finalPath(path))));
  if (targets[0] === targets[1]) throw new AppError('invalid_argument', '--rejected needs a file of its own');
  return targets;
}

/** Brings every structure to the outputs, in input order; returns early where that is asked for. */
async function featurizeAll(run: Run, interruption: Interruption): Promise<void> {
  const { request, outputs, ledger, tally } = run;
  try {
    const jobs = jobsOf(unitsOf(run), ledger, outputs.resumed);
    const started = await executorFor(jobs, request.settings, request.workers);
    run.executor = started.executor;
    for await (const items of inOrder(started.jobs, started.executor)) {
      if (interruption.requested) return;
      for (const item of items) {
        enter(run, item);
        if (ledger.structures % FLUSH_STRUCTURES === 0) await outputs.flush(ledger, tally);
      }
      run.progress.show({
        structures: ledger.structures,
        structuresBefore: outputs.resumed?.structures ?? 0,
        rejected: rejectedCount(tally),
        bytesRead: run.bytesRead,
        bytesTotal: run.bytesTotal,
        elapsedMs: performance.now() - run.startMs,
      });
    }
  } catch (error) {
    // A worker that was stopped, or standard input that was closed, is no failure then.
    if (!interruption.requested) throw error;
  }
}

function unitsOf(run: Run): AsyncIterable<InputUnit> {
  const [output] = run.targets;
  const units = openInputs(run.request.inputs, {
    table: run.request.table,
    onNote: (line) => void (run.request.quiet || process.stderr.write(`${line}\n`)),
    // Our own partial file may stand in a folder that we read.
    onSkipped: (path) => void (resolve(path).startsWith(`${output}.`) || run.skipped.push(path)),
    onProgress: (bytesRead, bytesTotal) => {
      run.bytesRead = bytesRead;
      run.bytesTotal = bytesTotal;
    },
  });
  return withoutOutputs(units, run.targets);
}

/** Ends the run before an output would replace an input. */
async function* withoutOutputs(units: AsyncIterable<InputUnit>, targets: readonly string[]): AsyncGenerator<InputUnit> {
  let checked = '-';
  for await (const unit of units) {
    const source = unit.kind === 'rejection' ? unit.rejection.source : unit.source;
    if (source !== checked && targets.includes(resolve(source))) {
      throw new AppError('invalid_argument', `${source} is both input and output; write to another file`);
    }
    checked = source;
    yield unit;
  }
}

function enter({ ledger, tally, outputs }: Run, item: FeaturizedItem): void {
  const rejection = ledger.enter(item);
  if (rejection) {
    countRejection(tally, rejection);
    outputs.reject(rejection);
  } else if ('row' in item) {
    tally.featurized++;
    outputs.add(item.origin.id, item.row);
  }
}

function interrupted(run: Run): AppError {
  return new AppError('interrupted', `interrupted after ${describeTally(run.tally)}; ${whatIsKept(run)}`);
}

function whatIsKept({ outputs: { output, resumable }, tally }: Run): string {
  const rows = `${grouped(tally.featurized)} rows are in ${output.partialPath ?? output.name}`;
  return resumable ? `${rows}; the same command with --resume goes on from there` : rows;
}

/** The closing lines; throws where the exit code must say more. */
function conclude({ request, outputs, ledger, tally, skipped, startMs }: Run): void {
  const rejected = rejectedCount(tally);
  const seconds = (performance.now() - startMs) / 1000;
  const before = outputs.resumed?.structures ?? 0;
  const rate = grouped((ledger.structures - before) / seconds);
  const lines = [`${describeTally(tally)} in ${seconds.toFixed(1)} s (${rate}/s)`, ...reasonLines(tally)];
  if (rejected > 0 && request.rejected === undefined) lines.push('  --rejected FILE lists each of them');
  if (before > 0) lines.push(`${grouped(before)} of them were done before the interruption`);
  if (skipped.length > 0) {
    const more = skipped.length > SKIPPED_NAMED_MAX ? ', ...' : '';
    const names = skipped.slice(0, SKIPPED_NAMED_MAX).join(', ');
    const noun = skipped.length === 1 ? 'file' : 'files';
    lines.push(`skipped ${grouped(skipped.length)} ${noun} of no known format (${names}${more})`);
  }
  if (!request.quiet || rejected > 0) process.stderr.write(`${lines.join('\n')}\n`);
  if (tally.featurized === 0) {
    throw new AppError('input_unreadable', 'no structure could be featurized, so nothing was written');
  }
  if (request.strict && rejected > 0) {
    throw new AppError('input_unreadable', `${grouped(rejected)} structures were rejected (--strict)`);
  }
}
