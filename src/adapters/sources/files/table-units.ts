import { basename } from 'node:path';
import { type InputUnit, type TableRow, type TableUnit, unitSize } from '../../../formats/input-unit.ts';
import { quote } from '../../../formats/located-rejection.ts';
import { isUnknown, mayNameFile } from '../../../formats/tables/table-cell.ts';
import { describeColumns, findColumns, type TableColumns } from '../../../formats/tables/table-columns.ts';
import { assertUndoubted } from '../../../formats/tables/table-doubts.ts';
import { RejectedInput } from '../../../model/rejection.ts';
import type { TableOptions } from '../../../model/table-options.ts';
import type { InputFile } from './input-files.ts';
import { createStructureFiles, type StructureFiles } from './structure-files.ts';

/** A table whose rows are read on demand. */
export interface OpenTable {
  readonly counts: 'line' | 'row';
  readonly header: readonly string[];
  /**
   * Reads the rows once.
   * @param needed indices of the columns that must be filled; others may be left undefined
   */
  rows(needed: readonly number[]): AsyncIterable<SizedRow>;
}

/** A row that may be kept; it takes about `size` bytes. */
interface SizedRow {
  readonly number: number;
  readonly cells: readonly unknown[];
  readonly size: number;
}

export interface TableContext {
  readonly file: InputFile;
  readonly options: TableOptions;
  readonly onNote: (line: string) => void;
  /** Opens a file of structures. */
  readonly open: (file: InputFile) => AsyncIterable<InputUnit>;
}

/** The rows that show what a table holds, before the first of them is passed on. */
const HEAD = { rows: 1_000, bytes: 8 * 1024 * 1024 };
const UNIT = { rows: 256, bytes: 256 * 1024 };

/** The first rows, and why there are no more, if reading has failed. */
interface Head {
  readonly rows: readonly SizedRow[];
  readonly failure?: { readonly error: unknown };
}

/** A table that is understood, before its rows are passed on. */
interface UnderstoodTable {
  readonly columns: TableColumns;
  readonly head: Head;
  readonly rest: AsyncIterator<SizedRow>;
  readonly structures: StructureFiles | undefined;
}

/**
 * Cuts a table into units of some rows, each with the file of its structure where it names one. A table that cannot be
 * taken as it stands is one rejection.
 * @throws AppError `input_unreadable` without the folder of its structures
 */
export async function* tableUnits(table: OpenTable, context: TableContext): AsyncGenerator<InputUnit, void, void> {
  const { source, idHint } = context.file;
  const understood = await understand(table, context).catch((error: unknown) => error);
  if (understood instanceof RejectedInput) {
    const { code, message } = understood;
    yield { kind: 'rejection', rejection: { code, message, source } };
    return;
  }
  if (understood instanceof Error) throw understood;
  const { columns, structures, ...rows } = understood as UnderstoodTable;
  const batch = new RowBatch({ counts: table.counts, columns, source, idHint });
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const row of allRows(rows)) {
      yield* batch.add(await withFile(row, columns, structures, context), row.size);
    }
  } catch (error) {
    failure = { error };
  }
  yield* batch.rest();
  if (failure) throw failure.error;
}

async function* allRows({ head, rest }: Pick<UnderstoodTable, 'head' | 'rest'>): AsyncGenerator<SizedRow, void, void> {
  try {
    yield* head.rows;
    if (head.failure) throw head.failure.error;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function understand(table: OpenTable, { file, options, onNote }: TableContext): Promise<UnderstoodTable> {
  const columns = findColumns(table.header, options);
  const rest = table.rows(neededIn(columns))[Symbol.asyncIterator]();
  try {
    const head = await headOf(rest);
    if (head.rows.length === 0 && head.failure) return { columns, head, rest, structures: undefined };
    assertUndoubted(
      columns,
      head.rows.map(({ cells }) => cells),
      options,
    );
    const structures = await structuresOf(columns, head.rows, options);
    const folder = structures ? `; structures of ${options.structures}` : '';
    onNote(`${basename(file.source)}: columns ${describeColumns(columns)}${folder}`);
    return { columns, head, rest, structures };
  } catch (error) {
    await rest.return?.();
    throw error;
  }
}

function neededIn({ id, g, k, structure, further }: TableColumns): number[] {
  return [id, g, k, structure, ...Object.values(further)].flatMap((column) => column?.index ?? []);
}

async function headOf(rows: AsyncIterator<SizedRow>): Promise<Head> {
  const head: SizedRow[] = [];
  let bytes = 0;
  try {
    while (head.length < HEAD.rows && bytes < HEAD.bytes) {
      const next = await rows.next();
      if (next.done) break;
      head.push(next.value);
      bytes += next.value.size;
    }
  } catch (error) {
    return { rows: head, failure: { error } };
  }
  return { rows: head };
}

/** The folder's files, if the rows name them. */
async function structuresOf(
  { id, structure }: TableColumns,
  head: readonly { readonly cells: readonly unknown[] }[],
  { structures }: TableOptions,
): Promise<StructureFiles | undefined> {
  if (structures !== undefined) {
    if (id !== undefined || structure !== undefined) return createStructureFiles(structures);
    throw new RejectedInput('missing_field', 'no column names the structure files; name it by --columns id=TITLE');
  }
  const filled = structure ? head.map(({ cells }) => cells[structure.index]).filter((cell) => !isUnknown(cell)) : [];
  if (filled.length > 0 && !filled.every(mayNameFile)) return undefined;
  const remedy = 'name the folder of their files by --structures FOLDER, or the column by --columns structure=TITLE';
  const what = structure ? `column ${quote(structure.title)} names files` : 'no column holds structures';
  throw new RejectedInput('missing_field', `${what}; ${remedy}`);
}

async function withFile(
  { number, cells }: TableRow,
  { id, structure, width }: TableColumns,
  structures: StructureFiles | undefined,
  { open, file }: TableContext,
): Promise<TableRow> {
  if (structures === undefined || cells.length !== width) return { number, cells };
  const names = [structure, id].flatMap((column) => {
    const name = column && cells[column.index];
    return isUnknown(name) || (column === structure && !mayNameFile(name)) ? [] : String(name).trim();
  });
  const found = names.length === 0 ? undefined : structures.find(names);
  if (found !== undefined && !(found instanceof RejectedInput)) {
    for await (const unit of open(found)) return { number, cells, file: unit };
  }
  const { code, message } =
    found instanceof RejectedInput ? found : new RejectedInput('missing_field', 'the row names no structure file');
  return { number, cells, file: { kind: 'rejection', rejection: { code, message, source: file.source } } };
}

/** Rows that are not passed on yet. */
class RowBatch {
  readonly #of: Pick<TableUnit, 'counts' | 'columns' | 'source' | 'idHint'>;
  #rows: TableRow[] = [];
  #size = 0;

  constructor(of: Pick<TableUnit, 'counts' | 'columns' | 'source' | 'idHint'>) {
    this.#of = of;
  }

  *add(row: TableRow, size: number): Generator<TableUnit, void, void> {
    this.#rows.push(row);
    this.#size += size + (row.file ? unitSize(row.file) : 0);
    if (this.#rows.length >= UNIT.rows || this.#size >= UNIT.bytes) yield* this.rest();
  }

  *rest(): Generator<TableUnit, void, void> {
    if (this.#rows.length === 0) return;
    yield { kind: 'table', ...this.#of, rows: this.#rows, size: this.#size };
    this.#rows = [];
    this.#size = 0;
  }
}
