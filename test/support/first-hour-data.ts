import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import sqlite from 'node-sqlite3-wasm';
import { createParquetTable } from '../../src/adapters/writers/parquet-table.ts';
import { atomicNumber } from '../../src/model/element-symbols.ts';
import { cifText, type ExampleRow } from './structure-files.ts';

/** Small real crystals with their moduli. */
export function exampleCrystals(count: number): ExampleRow[] {
  const lines = gunzipSync(readFileSync('examples/elastic-tensor-2015.jsonl.gz')).toString('utf8').trim().split('\n');
  const rows = lines.map((line) => JSON.parse(line) as ExampleRow);
  return rows.filter(({ species }) => species.length <= 8).slice(0, count);
}

/** Writes materials, of which `isLabelled` says whether their moduli are told, and returns the path. */
export type WriteData = (folder: string, rows: readonly ExampleRow[], isLabelled: (i: number) => boolean) => string;

/** A table of moduli beside a folder of CIF files. */
export const writeCsv: WriteData = (folder, rows, isLabelled) => {
  mkdirSync(join(folder, 'cifs'), { recursive: true });
  for (const row of rows) writeFileSync(join(folder, 'cifs', `${row.material_id}.cif`), cifText(row));
  const lines = rows.filter((_, i) => isLabelled(i)).map((row) => `${row.material_id},${row.g_vrh},${row.k_vrh}\n`);
  writeFileSync(join(folder, 'moduli.csv'), `material_id,G_VRH,K_VRH\n${lines.join('')}`);
  return join(folder, 'moduli.csv');
};

/** A reply of the Materials Project's summary route, as its documentation has it. */
export const writeProjectDump: WriteData = (folder, rows, isLabelled) => {
  const averages = (vrh: number) => ({ voigt: vrh, reuss: vrh, vrh });
  const data = rows.map((row, i) => ({
    builder_meta: { emmet_version: '0.84.2' },
    ...{ nsites: row.species.length, material_id: row.material_id, deprecated: false, is_stable: true },
    ...{ energy_above_hull: 0, formation_energy_per_atom: -0.5, band_gap: 0.1, structure: pymatgenDict(row) },
    bulk_modulus: isLabelled(i) ? averages(row.k_vrh) : null,
    shear_modulus: isLabelled(i) ? averages(row.g_vrh) : null,
  }));
  writeFileSync(join(folder, 'mp.json'), JSON.stringify({ data, meta: { total_doc: data.length } }));
  return join(folder, 'mp.json');
};

/** A database of ASE 3.29, in SQLite. */
export const writeAse: WriteData = (folder, rows, isLabelled) => {
  const path = join(folder, 'ase.db');
  const database = new sqlite.Database(path);
  database.exec(`CREATE TABLE systems (id INTEGER PRIMARY KEY AUTOINCREMENT, numbers BLOB, positions BLOB, cell BLOB,
    pbc INTEGER, energy REAL, calculator TEXT, key_value_pairs TEXT)`);
  database.exec('BEGIN');
  for (const [i, { material_id, lattice, species, frac_coords, g_vrh, k_vrh }] of rows.entries()) {
    const known = isLabelled(i) ? { g_vrh, k_vrh } : {};
    const numbers = Int32Array.from(species, (symbol) => atomicNumber(symbol)!);
    const cartesian = (abc: readonly number[]) =>
      [0, 1, 2].map((axis) => abc.reduce((sum, x, k) => sum + x * lattice[k]![axis]!, 0));
    const blobs = [numbers, Float64Array.from(frac_coords.flatMap(cartesian)), Float64Array.from(lattice.flat())];
    database.run('INSERT INTO systems (numbers, positions, cell, pbc, key_value_pairs) VALUES (?,?,?,7,?)', [
      ...blobs.map((array) => new Uint8Array(array.buffer)),
      JSON.stringify({ mp_id: material_id, ...known }),
    ]);
  }
  database.exec('COMMIT');
  database.close();
  return path;
};

/** A DataFrame with structures, as Parquet. */
export const writeParquet: WriteData = (folder, rows, isLabelled) => {
  const columns = [
    { name: 'material_id', type: 'text' },
    { name: 'structure', type: 'text' },
    { name: 'G_VRH', type: 'number' },
    { name: 'K_VRH', type: 'number' },
  ] as const;
  const cells = rows.map((row, i) => {
    const moduli = isLabelled(i) ? [row.g_vrh, row.k_vrh] : [null, null];
    return [row.material_id, JSON.stringify(pymatgenDict(row)), ...moduli];
  });
  return writeTable(join(folder, 'data.parquet'), columns, cells);
};

/** Moduli alone, as Parquet. */
export function writeAnswers(path: string, rows: readonly ExampleRow[]): string {
  const columns = [
    { name: 'mp_id', type: 'text' },
    { name: 'shear modulus (GPa)', type: 'number' },
    { name: 'log10(K_VRH)', type: 'number' },
  ] as const;
  return writeTable(
    path,
    columns,
    rows.map((row) => [row.material_id, row.g_vrh, Math.log10(row.k_vrh)]),
  );
}

function writeTable(
  path: string,
  columns: Parameters<typeof createParquetTable>[0],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const table = createParquetTable(columns);
  for (const row of rows) table.add(row);
  writeFileSync(path, Buffer.concat([table.take(), table.finish()]));
  return path;
}

function pymatgenDict({ lattice, species, frac_coords: coords }: ExampleRow) {
  return {
    ...{ '@module': 'pymatgen.core.structure', '@class': 'Structure', charge: 0 },
    lattice: { matrix: lattice, pbc: [true, true, true] },
    sites: species.map((element, i) => ({ species: [{ element, occu: 1 }], abc: coords[i], label: element })),
  };
}
