import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import type { GivenLabel, InputOptions, StructureItem } from '../../../formats/input-unit.ts';
import { assertOwnLabel } from '../../../formats/json/label-doubts.ts';
import { AppError } from '../../../model/app-error.ts';
import type { TensorCollector } from '../../../model/collected-tensor.ts';
import { type LengthUnit, type ModulusUnit, withLengthsIn } from '../../../model/input-units.ts';
import { checkValues } from '../../../model/label.ts';
import type { MaterialId } from '../../../model/material-id.ts';
import { RejectedInput } from '../../../model/rejection.ts';
import { sortedJson } from '../../../model/sorted-json.ts';
import type { TargetValues } from '../../../model/target.ts';
import type { MaterialSource, SourceItem, SourceLabel } from '../../../ports/material-source.ts';
import { createElasticTasks } from './elastic-tasks.ts';
import { assertPathsExist, type InputFile, inputFiles } from './input-files.ts';
import { materialsOf } from './materials-of.ts';
import { openInputFile, openInputs } from './open-inputs.ts';
import { parseLabel } from './parse-label.ts';
import { createSeenIds, type SeenIds, withoutDuplicates } from './seen-ids.ts';

const ID_DIGITS = 16;

export interface FileSourceOptions extends Pick<InputOptions, 'onSkipped' | 'onProgress' | 'table' | 'onNote'> {
  /** Interrupts the hashing; `read` takes its own signal. */
  readonly signal?: AbortSignal;
  /**
   * Names of the paths in ids, provenance and rejections. Default: the paths as given. A label is identified by its
   * provenance, so the same data must have the same names, whatever folder it is in.
   */
  readonly names?: readonly string[];
  /** Makes tensors of the deformation tasks among the files; without it each of them is a material of its own. */
  readonly tensors?: () => TensorCollector;
  /**
   * Moduli that follow from an elastic tensor, where a file gives a tensor and no moduli.
   * @throws RejectedInput if the tensor is no stable crystal's
   */
  readonly moduliOf?: (stiffness: Float64Array) => TargetValues;
}

/**
 * Opens a source of materials and labels from structure files, folders of them and tables. Its id is the paths as given
 * and a SHA-256 of their content: of a single file's bytes, otherwise of a list with each file's digest and its name
 * below the path. What is said of tables is part of the content, as are the structure files that they name.
 * @throws AppError `input_unreadable` if a path cannot be read, `invalid_argument` for input that can be read only
 * once, `interrupted`. Reading also throws `interrupted`, so that interrupted input never looks complete.
 */
export async function openFileSource(
  input: string | readonly string[],
  options: FileSourceOptions = {},
): Promise<MaterialSource> {
  const paths = typeof input === 'string' ? [input] : input;
  const digest = await contentDigest(paths, options);
  const names = options.names ?? paths;
  return {
    id: `${names.join(',')}@sha256:${digest.slice(0, ID_DIGITS)}`,
    async *read(signal) {
      yield* read(paths, options, signal);
      return { digest };
    },
  };
}

async function* read(
  paths: readonly string[],
  { signal: _, names = paths, tensors, moduliOf, ...options }: FileSourceOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<SourceItem, void, void> {
  const seen = createSeenIds();
  const tasks = tensors && createElasticTasks(tensors());
  const { unit: modulusUnit, lengthUnit } = options.table ?? {};
  const inputs = openInputs(paths, options);
  assertGoingOn(signal, paths);
  for await (const unit of inputs) {
    for (const item of materialsOf(unit)) {
      assertGoingOn(signal, paths);
      const found = renamed(item, paths, names);
      if (found.kind === 'material' && tasks?.takes(found)) continue;
      // Tables are read in their units already.
      const reading = { unit: unit.kind === 'table' ? ('GPa' as const) : modulusUnit, moduliOf };
      yield* sourceItems(inAngstrom(found, lengthUnit), seen, reading);
    }
  }
  if (tasks) yield* tasks.items(seen);
}

/** The materials and labels of one file that was found, as a source of several gives them. */
export async function* readInputFile(
  file: InputFile,
  { moduliOf }: Pick<FileSourceOptions, 'moduliOf'>,
): AsyncGenerator<SourceItem, void, void> {
  const seen = createSeenIds();
  for await (const unit of openInputFile(file)) {
    for (const item of materialsOf(unit)) yield* sourceItems(item, seen, { unit: undefined, moduliOf });
  }
}

/** The item with its cell in Angstrom, or a rejection if that is no cell. */
function inAngstrom(item: StructureItem, unit: LengthUnit | undefined): StructureItem {
  if (unit === undefined || item.kind === 'rejection') return item;
  const { material, source, locator } = item;
  try {
    return { ...item, material: { ...material, structure: withLengthsIn(material.structure, unit) } };
  } catch (error) {
    if (!(error instanceof RejectedInput)) throw error;
    const { code, message } = error;
    const place = { source, ...(locator !== undefined && { locator }), materialId: material.id };
    return { kind: 'rejection', rejection: { code, message: `${message} (given in ${unit})`, ...place } };
  }
}

/** Returns the item with the name of its source replaced. */
function renamed(item: StructureItem, paths: readonly string[], names: readonly string[]): StructureItem {
  const nameOf = (source: string) => {
    const root = paths.findIndex((path) => source === path || source.startsWith(join(path, sep)));
    return root < 0 ? source : `${names[root]}${source.slice(paths[root]!.length)}`;
  };
  if (item.kind === 'material') return { ...item, source: nameOf(item.source) };
  return { kind: 'rejection', rejection: { ...item.rejection, source: nameOf(item.rejection.source) } };
}

/** How labels are read that stand in rows. */
export interface LabelReading {
  readonly unit: ModulusUnit | undefined;
  readonly moduliOf: FileSourceOptions['moduliOf'];
}

/** Yields a material with its label, or a material and a rejection of its label, or a rejection. */
export function* sourceItems(
  item: StructureItem,
  seen: SeenIds,
  reading: LabelReading,
): Generator<SourceItem, void, void> {
  const label = item.kind === 'material' ? labelOf(item, reading) : undefined;
  const values = label instanceof RejectedInput ? undefined : label?.values;
  const kept = withoutDuplicates(item, seen, values);
  if (kept.kind === 'rejection') {
    yield kept;
    return;
  }
  const { material, source, locator } = kept;
  if (!(label instanceof RejectedInput)) {
    yield { kind: 'material', material, ...(label !== undefined && { label }) };
    return;
  }
  yield { kind: 'material', material };
  const { code, message } = label;
  const place = { source, ...(locator !== undefined && { locator }), materialId: material.id };
  yield { kind: 'rejection', rejection: { code, message: `${message} (kept without its label)`, ...place } };
}

function labelOf(
  item: StructureItem & { kind: 'material' },
  { unit, moduliOf }: LabelReading,
): SourceLabel | RejectedInput | undefined {
  const { material, json, label, badLabel, source, locator } = item;
  if (badLabel !== undefined) return badLabel;
  const provenance = locator === undefined ? source : `${source}: ${locator}`;
  try {
    if (label !== undefined) return completedLabel(label, material.id, provenance, moduliOf);
    const found = json && parseLabel(json, material.id, provenance, unit);
    if (found) assertOwnLabel(json, material);
    return found;
  } catch (error) {
    if (error instanceof RejectedInput) return error;
    throw error;
  }
}

/** Returns a label that a format has read, with the moduli of its tensor; undefined if nothing is known then. */
function completedLabel(
  label: GivenLabel,
  materialId: MaterialId,
  provenance: string,
  moduliOf: FileSourceOptions['moduliOf'],
): SourceLabel | undefined {
  const values = { ...(label.tensor && moduliOf?.(label.tensor)), ...label.values };
  if (Object.keys(values).length === 0) return undefined;
  const completed = { ...label, values, provenance };
  checkValues(materialId, completed);
  return completed;
}

async function contentDigest(
  paths: readonly string[],
  { signal, table = {} }: Pick<FileSourceOptions, 'signal' | 'table'>,
): Promise<string> {
  const [first, ...others] = paths;
  if (first === undefined) throw new AppError('invalid_argument', 'no path is given; name a file or a folder');
  for (const path of paths) await assertReadableTwice(path);
  const isPlain = Object.keys(table).length === 0;
  if (isPlain && others.length === 0 && (await stat(first)).isFile()) return fileDigest(first, signal);
  const { structures, ...said } = table;
  const list = createHash('sha256');
  if (!isPlain) list.update(`table ${sortedJson(said)}\n`);
  for (const root of structures === undefined ? paths : [...paths, structures]) {
    // In the order of the names, which is also the order of reading.
    for await (const { path, leadsOut } of inputFiles([root], () => {})) {
      const name = relative(root, path!) || basename(root);
      const file = leadsOut ? 'unreadable' : await fileDigest(path!, signal).catch(unreadable);
      list.update(`${file} ${JSON.stringify(name)}\n`);
    }
  }
  return list.digest('hex');
}

async function assertReadableTwice(path: string): Promise<void> {
  await assertPathsExist([path]);
  const stats = path === '-' ? undefined : await stat(path);
  if (stats?.isFile() || stats?.isDirectory()) return;
  const reason =
    'its content is hashed before it is read, and a stream can be read once only; write it to a file first';
  throw new AppError('invalid_argument', `${path} cannot be a source of materials: ${reason}`);
}

async function fileDigest(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) {
      assertGoingOn(signal, [path]);
      hash.update(chunk as Uint8Array);
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('input_unreadable', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  return hash.digest('hex');
}

/** An unreadable file among several is rejected when it is read. */
function unreadable(error: unknown): string {
  if (error instanceof AppError && error.code === 'input_unreadable') return 'unreadable';
  throw error;
}

function assertGoingOn(signal: AbortSignal | undefined, paths: readonly string[]): void {
  if (signal?.aborted) throw new AppError('interrupted', `reading ${paths.join(', ')} was interrupted`);
}
