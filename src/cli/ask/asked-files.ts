import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { csvOfText } from '../../adapters/sources/files/csv-records.ts';
import { openOutput } from '../../adapters/writers/output-file.ts';
import { csvField } from '../../adapters/writers/row-text.ts';
import { writeCif } from '../../formats/cif/write-cif.ts';
import { writePymatgen } from '../../formats/json/write-pymatgen.ts';
import { writePoscar } from '../../formats/poscar/write-poscar.ts';
import { resultColumns } from '../../formats/results/result-columns.ts';
import { resultRows, type TableResult } from '../../formats/results/result-table.ts';
import { definitionOf } from '../../learning/campaign/campaign-config.ts';
import { AppError } from '../../model/app-error.ts';
import type { Material } from '../../model/material.ts';
import { RejectedInput } from '../../model/rejection.ts';
import type { Asked } from './asked-materials.ts';

export const STRUCTURE_FORMATS = ['poscar', 'cif', 'json'] as const;
export type StructureFormat = (typeof STRUCTURE_FORMATS)[number];

const EXTENSIONS: Readonly<Record<StructureFormat, string>> = { poscar: 'vasp', cif: 'cif', json: 'json' };

const RESULTS = 'results.csv';

/**
 * Writes one structure file per material, and a table to fill in. The same question writes the same files.
 * @returns the table's path
 * @throws AppError `invalid_argument` where the table that is there holds results that have not been told
 */
export async function writeAsked(asked: Asked, folder: string, format: StructureFormat): Promise<string> {
  await mkdir(folder, { recursive: true }).catch((cause: Error) => {
    throw new AppError('output_unwritable', `cannot write ${folder}: ${cause.message}`, { cause });
  });
  const table = join(folder, RESULTS);
  await assertNothingUntold(table, asked);
  const names = fileNames(asked.materials.map(({ material }) => material.id));
  for (const [i, { material }] of asked.materials.entries()) {
    await write(join(folder, `${names[i]}.${EXTENSIONS[format]}`), structureText(material, format));
  }
  await write(
    table,
    tableText(asked, (i) => `${names[i]}.${EXTENSIONS[format]}`),
  );
  return table;
}

function tableText({ history, materials }: Asked, fileOf: (i: number) => string): string {
  const { config } = history.created;
  const targets = config.targets.map((target) => definitionOf(config, target));
  const columns = resultColumns(targets);
  const rows = materials.map(({ candidate: { materialId, calculationId }, attempt }, i) => {
    const given = { material_id: materialId, file: fileOf(i), attempt: `${attempt}`, calculation: calculationId };
    return columns.map((name) => csvField(given[name as keyof typeof given] ?? ''));
  });
  return [columns.map(csvField), ...rows].map((row) => `${row.join(',')}\n`).join('');
}

/** What somebody has filled in and not told would be gone. */
async function assertNothingUntold(table: string, { history, answered, open }: Asked): Promise<void> {
  if (!(await stat(table).catch(() => undefined))) return;
  const { config } = history.created;
  const targets = config.targets.map((target) => definitionOf(config, target));
  const untold = await readFile(table, 'utf8')
    .then((text) => collected(resultRows(csvOfText(text), targets)))
    .then((rows) => rows.filter(({ result, problem }) => problem !== undefined || result?.isEmpty === false))
    .then((rows) => rows.filter(({ result }) => !(answered.has(result?.calculation ?? '') || isPast(result, open))))
    .catch((error: unknown) => {
      if (error instanceof RejectedInput) return [undefined];
      throw error;
    });
  if (untold.length === 0) return;
  const message = `${table} is there and holds what has not been told: tell it first, or name another folder with -o`;
  throw new AppError('invalid_argument', message);
}

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Whether an earlier attempt is meant, of a calculation that is asked for again. */
function isPast(result: TableResult | undefined, open: Asked['open']): boolean {
  const asked = open.find(({ candidate }) => candidate.calculationId === result?.calculation);
  return asked !== undefined && result?.failure !== undefined && (result.attempt ?? asked.attempt) < asked.attempt;
}

function structureText(material: Material, format: StructureFormat): string {
  const { id, structure } = material;
  if (format === 'poscar') return writePoscar(structure, id);
  return format === 'cif' ? writeCif(structure, id) : writePymatgen(structure);
}

/** The ids as names of files: some file systems know neither all characters nor upper case. */
function fileNames(ids: readonly string[]): string[] {
  const taken = new Map<string, number>();
  return ids.map((id) => {
    const name = id.replace(/[^\w.-]|^[.-]/g, (character) => encodeURIComponent(character).replace(/^[.-]/, '_'));
    const times = (taken.get(name.toLowerCase()) ?? 0) + 1;
    taken.set(name.toLowerCase(), times);
    return times === 1 ? name : `${name}~${times}`;
  });
}

async function write(path: string, text: string): Promise<void> {
  const output = await openOutput(path);
  await output.write(Buffer.from(text));
  await output.commit();
}
