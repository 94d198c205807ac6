import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sqlite from 'node-sqlite3-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileSource } from '../../../../src/adapters/sources/files/file-source.ts';
import type { SourceItem } from '../../../../src/ports/material-source.ts';

/** The columns of ASE's table, version 9, that we read. */
const TABLE = `CREATE TABLE systems (id INTEGER PRIMARY KEY AUTOINCREMENT, numbers BLOB, positions BLOB, cell BLOB,
  pbc INTEGER, energy REAL, calculator TEXT, key_value_pairs TEXT)`;

interface SystemRow {
  readonly numbers?: readonly number[];
  readonly positions?: readonly number[];
  readonly cell?: readonly number[];
  readonly pbc?: number;
  readonly pairs?: string;
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'elastream-sqlite-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function database(name: string, rows: readonly SystemRow[], sql: readonly string[] = [TABLE]): string {
  const path = join(folder, name);
  const written = new sqlite.Database(path);
  for (const statement of [...sql, 'BEGIN']) written.exec(statement);
  for (const {
    numbers = [11],
    positions = [0, 0, 0],
    cell = [4, 0, 0, 0, 4, 0, 0, 0, 4],
    pbc = 7,
    pairs = '{}',
  } of rows) {
    const blobs = [Int32Array.from(numbers), Float64Array.from(positions), Float64Array.from(cell)];
    const values = [...blobs.map((array) => new Uint8Array(array.buffer)), pbc, -1.5, 'vasp', pairs];
    written.run(
      'INSERT INTO systems (numbers, positions, cell, pbc, energy, calculator, key_value_pairs) VALUES (?,?,?,?,?,?,?)',
      values,
    );
  }
  written.exec('COMMIT');
  written.close();
  return path;
}

async function read(path: string): Promise<SourceItem[]> {
  const items: SourceItem[] = [];
  for await (const item of (await openFileSource(path)).read()) items.push(item);
  return items;
}

async function words(path: string): Promise<string[]> {
  return (await read(path)).map((item) => (item.kind === 'rejection' ? item.rejection.code : item.material.id));
}

describe("an SQLite database of ASE's", () => {
  it('gives structures, energies and every number of the key-value pairs', async () => {
    const second = {
      numbers: [11, 17],
      positions: [0, 0, 0, 2, 2, 2],
      pairs: '{"material_id": "mp-1", "band_gap": 5.0}',
    };
    const path = database('data.db', [{}, second]);
    const before = readdirSync(folder);
    const [first, salt] = await read(path);
    expect(first).toMatchObject({ material: { id: 'data#1' }, label: { values: { energy_per_atom: -1.5 } } });
    expect(salt).toMatchObject({
      material: { id: 'mp-1', bandGap: 5 },
      label: { method: { kind: 'dft', code: 'vasp' }, values: { energy_per_atom: -0.75, band_gap: 5 } },
    });
    expect(salt!.kind === 'material' && Array.from(salt!.material.structure.fracCoords)).toEqual([
      0, 0, 0, 0.5, 0.5, 0.5,
    ]);
    // Nothing is written beside it: its folder may be read-only.
    expect(readdirSync(folder)).toEqual(before);
  });

  it('is passed over in a folder, where programs keep databases of their own', async () => {
    database('thumbs.db', [{}]);
    expect(await words(folder)).toEqual([]);
  });

  it('leaves the other rows readable if one is damaged', async () => {
    const rows = [
      { cell: [0, 0, 0, 0, 0, 0, 0, 0, 0] },
      { pbc: 3 },
      { numbers: [0] },
      { positions: [0] },
      { pairs: '{' },
      {},
    ];
    const wanted = ['bad_lattice', 'bad_lattice', 'unknown_element', 'missing_field', 'bad_syntax', 'rows#6'];
    expect(await words(database('rows.db', rows))).toEqual(wanted);
  });

  it('does not take a row of 10^6 atoms into memory', async () => {
    expect(await words(database('large.db', [{ numbers: new Array<number>(1_000_000).fill(11) }]))).toEqual([
      'too_many_sites',
    ]);
  });

  it('is refused if it is cut short, of another kind, a trap, empty, packed or being written', async () => {
    const cut = database(
      'cut.db',
      Array.from({ length: 1000 }, () => ({})),
    );
    truncateSync(cut, 20_000);
    expect((await words(cut)).at(-1)).toBe('bad_syntax');
    expect(await words(database('other.db', [], ['CREATE TABLE notes (text TEXT)']))).toEqual(['unsupported_format']);
    const endless =
      'CREATE VIEW systems AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id FROM n';
    expect(await words(database('trap.db', [], [endless]))).toEqual(['unsupported_format']);
    expect(await words(database('empty.db', []))).toEqual(['no_sites']);
    const open = database('open.db', [{}]);
    writeFileSync(`${open}-journal`, 'x');
    expect(await words(open)).toEqual(['unreadable']);
    writeFileSync(join(folder, 'packed.db.gz'), gzipSync(readFileSync(open)));
    expect(await words(join(folder, 'packed.db.gz'))).toEqual(['unsupported_format']);
    writeFileSync(join(folder, 'text.db'), 'no database');
    expect(await words(join(folder, 'text.db'))).toEqual(['unsupported_format']);
  });
});
