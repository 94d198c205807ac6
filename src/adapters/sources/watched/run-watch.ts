import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { RejectionCode } from '../../../model/rejection.ts';
import type { SourceItem } from '../../../ports/material-source.ts';
import { formatOfName, isNamedByFolder } from '../files/file-format.ts';
import { type FileSourceOptions, readInputFile } from '../files/file-source.ts';
import { type InputFile, inputFiles } from '../files/input-files.ts';

/*
 * Invariants:
 * 1. A run is read only once its folder has not changed between two looks: its files arrive in any order, and over a
 *    network in pieces. Nothing is learned from notifications, which network file systems do not give.
 * 2. A run that has not come to its end is no bad input: it is looked at again when its folder has changed.
 * 3. Each state of an output is read once, whatever else comes into its folder. Per run some hundred bytes are kept, whatever the size of its output.
 */

/** A run that has come to its end, for good or ill. */
export interface FinishedRun {
  /** Of its output. */
  readonly path: string;
  readonly items: readonly SourceItem[];
}

export interface RunWatch {
  /** Looks once. Yields what has finished since the last look. */
  look(signal: AbortSignal): AsyncGenerator<FinishedRun, void, void>;
  /** The runs that are seen and not finished. */
  waiting(): number;
}

interface SeenRun {
  /** As of the last look. */
  output: string;
  folder: number;
  /** The output that was read last. */
  read: string | undefined;
  isFinished: boolean;
}

/** What a run looks like that goes on, or whose output is still being copied. */
const UNFINISHED: ReadonlySet<RejectionCode> = new Set(['unfinished', 'truncated', 'no_sites', 'unreadable']);

export function createRunWatch(roots: readonly string[], options: Pick<FileSourceOptions, 'moduliOf'>): RunWatch {
  const seen = new Map<string, SeenRun>();
  return {
    async *look(signal) {
      const met = new Set<string>();
      for await (const file of inputFiles(roots, () => {})) {
        if (signal.aborted) return;
        const key = runOf(file);
        const state = key === undefined ? undefined : await stateOf(file);
        if (key === undefined || state === undefined) continue;
        met.add(key);
        const known = seen.get(key);
        if (known?.output !== state.output || known.folder !== state.folder) {
          seen.set(key, { ...state, read: known?.read, isFinished: known?.isFinished ?? false }); // 1
          continue;
        }
        if (known.read === state.output) continue; // 3
        const items = await itemsOf(file, options);
        known.read = state.output;
        known.isFinished = !items.some((item) => item.kind === 'rejection' && UNFINISHED.has(item.rejection.code)); // 2
        if (known.isFinished) yield { path: file.path!, items };
      }
      for (const key of seen.keys()) if (!met.has(key)) seen.delete(key);
    },
    waiting: () => [...seen.values()].filter(({ isFinished }) => !isFinished).length,
  };
}

/** What the run is known by whose output the file is; undefined of other files: inputs are there before the run. */
function runOf({ path, leadsOut }: InputFile): string | undefined {
  if (path === undefined || leadsOut) return undefined;
  const format = formatOfName(basename(path));
  const isOutput = format === 'outcar' || format === 'any-xml' || format === 'pw-output';
  if (!isOutput) return undefined;
  return isNamedByFolder(basename(path)) ? dirname(path) : path;
}

/** Undefined of what is gone meanwhile. */
async function stateOf({ path }: InputFile): Promise<Pick<SeenRun, 'output' | 'folder'> | undefined> {
  try {
    const [file, folder] = await Promise.all([stat(path!), stat(dirname(path!))]);
    return { output: `${basename(path!)} ${file.size} ${file.mtimeMs}`, folder: folder.mtimeMs };
  } catch {
    return undefined;
  }
}

async function itemsOf(file: InputFile, options: Pick<FileSourceOptions, 'moduliOf'>): Promise<SourceItem[]> {
  const items: SourceItem[] = [];
  for await (const item of readInputFile(file, options)) items.push(item);
  return items;
}
