import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { AppError } from '../../model/app-error.ts';
import type { Tally } from '../../text/featurize-tally.ts';

/** How far a run has come, written beside its partial output after each flush. */
export interface Checkpoint {
  /** Hash of what must be the same for a run to go on: feature schema, labels, format, rejections file. */
  readonly run: string;
  /** Structures of the input that are done, rejected ones included. */
  readonly structures: number;
  /** SHA-256 over ids and fingerprints of those structures: proves that the inputs have not changed. */
  readonly inputHash: string;
  readonly outputBytes: number;
  readonly rejectedBytes: number;
  readonly tally: Tally;
}

function checkpointPath(partialPath: string): string {
  return `${partialPath}.checkpoint`;
}

/** Replaces the checkpoint as a whole, so that a crash leaves the old or the new one. */
export async function saveCheckpoint(partialPath: string, checkpoint: Checkpoint): Promise<void> {
  const path = checkpointPath(partialPath);
  await writeFile(`${path}.new`, JSON.stringify(checkpoint));
  await rename(`${path}.new`, path);
}

export async function removeCheckpoint(partialPath: string): Promise<void> {
  await rm(checkpointPath(partialPath), { force: true });
}

/**
 * The checkpoint of an interrupted run with the same settings; undefined where there is none.
 * @throws AppError `invalid_argument` where the settings differ or the partial output is damaged
 */
export async function loadCheckpoint(partialPath: string, run: string): Promise<Checkpoint | undefined> {
  const text = await readFile(checkpointPath(partialPath), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const checkpoint = JSON.parse(text) as Checkpoint;
  if (checkpoint.run !== run) {
    throw cannotResume(partialPath, 'was written with another feature set, format, cell, version or rejections file');
  }
  const file = await stat(partialPath).catch(() => undefined);
  if (!file || file.size < checkpoint.outputBytes) {
    throw cannotResume(partialPath, 'is shorter than its checkpoint says');
  }
  return checkpoint;
}

function cannotResume(partialPath: string, reason: string): AppError {
  return new AppError('invalid_argument', `cannot resume: ${partialPath} ${reason}; run again without --resume`);
}
