import { access, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAseRow } from '../../../formats/ase/ase-database.ts';
import type { InputUnit } from '../../../formats/input-unit.ts';
import { isJsonObject, parseJson } from '../../../formats/json-fields.ts';
import { RejectedInput } from '../../../model/rejection.ts';
import { SITES_MAX } from '../../../model/structure.ts';
import type { InputFile } from './input-files.ts';
import { itemOf } from './materials-of.ts';

const PAIRS_BYTES_MAX = 16 * 1024 * 1024;

/** Values longer than any crystal needs are not read into memory. Their lengths tell why a row is refused. */
const ROWS = `
SELECT id, pbc, energy, octet_length(numbers) / 4 AS sites,
  iif(octet_length(numbers) <= ${4 * SITES_MAX}, numbers, NULL) AS numbers,
  iif(octet_length(positions) <= ${24 * SITES_MAX}, positions, NULL) AS positions,
  iif(octet_length(cell) <= 72, cell, NULL) AS cell,
  iif(octet_length(calculator) <= 100, calculator, NULL) AS calculator,
  iif(octet_length(key_value_pairs) <= ${PAIRS_BYTES_MAX}, key_value_pairs, '{}') AS pairs
FROM systems ORDER BY id`;

/** A row as SQLite gives it. */
type Row = Readonly<Record<string, unknown>>;

export function isSqlite(head: Buffer): boolean {
  return head.toString('latin1', 0, 8) === 'SQLite f';
}

/**
 * Reads the rows of an SQLite database of ASE one by one, by SQLite compiled to WebAssembly, which reads pages of the file
 * on demand.
 * @throws RejectedInput
 */
export async function* aseSqliteUnits({ path, source, idHint }: InputFile): AsyncGenerator<InputUnit, void, void> {
  await assertAtRest(path!);
  const { Database } = (await import('node-sqlite3-wasm')).default;
  // SQLite puts its lock beside the path that it is given, and the database's own folder may be read-only.
  const folder = await mkdtemp(join(tmpdir(), 'elastream-ase-'));
  const link = join(folder, 'database');
  try {
    await symlink(await realpath(path!), link);
    const database = sqlite(() => new Database(link, { readOnly: true, fileMustExist: true }));
    try {
      yield* unitsOf(database, source, idHint);
    } finally {
      database.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

function* unitsOf(
  database: { prepare(sql: string): { iterate(): Iterator<unknown>; finalize(): void } },
  source: string,
  idHint: string,
): Generator<InputUnit, void, void> {
  // A view could compute anything, for any time.
  const tables = sqlite(() =>
    database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'systems' AND type = 'table'"),
  );
  const isAse = sqlite(() => tables.iterate().next().done !== true);
  tables.finalize();
  if (!isAse)
    throw new RejectedInput('unsupported_format', 'the SQLite database is none of ASE: it has no table systems');
  const statement = sqlite(() => database.prepare(ROWS));
  try {
    const rows = statement.iterate();
    let count = 0;
    for (let next = sqlite(() => rows.next()); !next.done; next = sqlite(() => rows.next())) {
      const row = next.value as Row;
      const id = String(row.id);
      count++;
      yield {
        kind: 'item',
        source,
        item: itemOf(source, `row ${id}`, () => parseAseRow(asJson(row), `${idHint}#${id}`)),
      };
    }
    if (count === 0) throw new RejectedInput('no_sites', 'the database holds no rows');
  } finally {
    statement.finalize();
  }
}

/** The row as ASE's JSON has it: arrays instead of blobs, which are little-endian. */
function asJson(row: Row): Readonly<Record<string, unknown>> {
  if (Number(row.sites) > SITES_MAX) {
    throw new RejectedInput('too_many_sites', `${String(row.sites)} sites; at most ${SITES_MAX} are allowed`);
  }
  const pairs = typeof row.pairs === 'string' ? parseJson(row.pairs) : {};
  return {
    numbers: numbersOf(row.numbers, 4, (view, at) => view.getInt32(at, true)),
    positions: numbersOf(row.positions, 8, (view, at) => view.getFloat64(at, true)),
    cell: numbersOf(row.cell, 8, (view, at) => view.getFloat64(at, true)),
    pbc: [1, 2, 4].map((bit) => (Number(row.pbc) & bit) !== 0),
    energy: row.energy,
    calculator: row.calculator,
    key_value_pairs: isJsonObject(pairs) ? pairs : {},
  };
}

/** @returns undefined for what is no blob of whole numbers */
function numbersOf(blob: unknown, size: number, read: (view: DataView, at: number) => number): number[] | undefined {
  if (!(blob instanceof Uint8Array) || blob.length % size !== 0) return undefined;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  return Array.from({ length: blob.length / size }, (_, i) => read(view, i * size));
}

/** A database that is being written may hold half of a change, which its journal would take back. */
async function assertAtRest(path: string): Promise<void> {
  for (const journal of [`${path}-journal`, `${path}-wal`]) {
    const isThere = await access(journal).then(
      () => true,
      () => false,
    );
    if (!isThere) continue;
    const remedy = 'wait until its writer has ended, or let ASE open it once';
    throw new RejectedInput('unreadable', `${journal} is there, so the database is being written: ${remedy}`);
  }
}

/** Failures of SQLite itself are damage of the file. */
function sqlite<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'SQLite3Error') throw error;
    throw new RejectedInput('bad_syntax', `the SQLite database is damaged: ${error.message}; fetch the file again`);
  }
}
