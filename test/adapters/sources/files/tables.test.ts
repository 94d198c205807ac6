import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../../../deploy/local/scratch.ts';
import { openFileSource } from '../../../../src/adapters/sources/files/file-source.ts';
import type { TableOptions } from '../../../../src/model/table-options.ts';
import type { SourceItem } from '../../../../src/ports/material-source.ts';
import { materialSourceContract } from '../../../contract/material-source.contract.ts';
import { collected } from '../../../support/events.ts';

const FIXTURES = fileURLToPath(new URL('../../../fixtures/tables/', import.meta.url));
const scratch = scratchDirectory();
afterAll(() => scratch.remove());
let files = 0;

/** Writes a table with a name of its own and returns its path. */
function table(content: string | Uint8Array, extension = 'csv'): string {
  const path = join(scratch.path, `table-${++files}.${extension}`);
  writeFileSync(path, content);
  return path;
}

const poscar = (edge: number) => `x\n${edge}\n1 0 0\n0 1 0\n0 0 1\nNa\n1\nDirect\n0 0 0\n`;

/** A folder of structure files. */
function structures(...names: string[]): string {
  const folder = join(scratch.path, `structures-${++files}`);
  for (const [i, name] of names.entries()) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), poscar(3 + i / 10));
  }
  return folder;
}

async function read(path: string, options: TableOptions = {}): Promise<{ items: SourceItem[]; notes: string[] }> {
  const notes: string[] = [];
  const source = await openFileSource(path, { table: options, onNote: (line) => void notes.push(line) });
  return { items: await collected(source.read()), notes };
}

/** `id: 3/8` with G and K, `id` without a label, or code and place of a rejection. */
const word = (item: SourceItem) => {
  if (item.kind === 'rejection') return `${item.rejection.code} at ${item.rejection.locator ?? 'file'}`;
  const { g_vrh: g, k_vrh: k } = item.label?.values ?? {};
  const short = (value: number | undefined) => (value === undefined ? '-' : Number(value.toPrecision(6)));
  return item.label ? `${item.material.id}: ${short(g)}/${short(k)}` : item.material.id;
};
const outline = async (path: string, options?: TableOptions) => (await read(path, options)).items.map(word);
const reasons = async (path: string, options?: TableOptions) =>
  (await read(path, options)).items.flatMap((item) => (item.kind === 'rejection' ? [item.rejection.message] : []));

const FOUR = ['mp-22862: 14/24', 'mp-aaaaaama: 50.5/70.25', 'mp-1265: 120/152', 'mp-2472'];

describe('as a MaterialSource', () => {
  const folder = structures('a.vasp', 'b.vasp', 'c.vasp', 'd.vasp');
  const path = table('id,g,k\na,1,2\nb,,\nc,much,3\nno,1,2\na,1,2\nd,5,9\n');
  materialSourceContract(() => openFileSource(path, { table: { structures: folder } }));
});

describe('a table with structures in a column', () => {
  it.each([
    ['cif-column.csv', 'columns id=id, g=shear modulus (GPa) [GPa], k=bulk modulus (GPa) [GPa], structure=cif'],
    ['poscar-column.tsv', 'columns id=material_id, g=G_VRH [GPa], k=K_VRH [GPa], structure=poscar'],
    ['text.parquet', 'columns id=material_id, g=G_VRH [GPa], k=K_VRH [GPa], structure=structure'],
    [
      'struct.parquet',
      'columns id=mpid, g=log10(G_VRH) [log10(GPa)], k=log10(K_VRH) [log10(GPa)], structure=structure',
    ],
  ])('is read as pandas writes it: %s', async (name, columns) => {
    const { items, notes } = await read(join(FIXTURES, name));
    expect(items.map(word)).toEqual(FOUR);
    expect(notes).toEqual([`${name}: ${columns}`]);
    const volumes = items.map((item) => item.kind === 'material' && Math.round(item.material.structure.lattice.volume));
    expect(volumes).toEqual([46, 17, 19, 35]);
  });

  it('is refused where it needs what is not read', async () => {
    expect(await reasons(join(FIXTURES, 'zstd.parquet'))).toEqual([expect.stringContaining("compression='snappy'")]);
  });
});

describe('a table beside a folder of structures', () => {
  it('finds them by id, by file name and by folder', async () => {
    const folder = structures('mp-1.vasp', 'deep/mp-2.poscar', 'mp-3/POSCAR', 'mp-4.poscar', 'mp-5.vasp');
    const byId = table('material_id,G_VRH,K_VRH\nmp-1,1,2\nmp-2,3,4\nmp-3,5,6\nmp-9,7,8\n');
    expect(await outline(byId, { structures: folder })).toEqual([
      ...['mp-1: 1/2', 'mp-2: 3/4', 'mp-3: 5/6', 'missing_field at line 5'],
    ]);
    const byFile = table('G,file,K\n1,mp-4.poscar,2\n3,old/place/mp-5.vasp,4\n');
    expect(await outline(byFile, { structures: folder })).toEqual(['mp-4: 1/2', 'mp-5: 3/4']);
  });

  it('says what to do where the folder is not named', async () => {
    expect(await reasons(table('id,g,k\na,1,2\n'))).toEqual([expect.stringContaining('--structures FOLDER')]);
    expect(await reasons(table('id,file,k\na,a.cif,2\n'))).toEqual([
      expect.stringMatching(/column "file" names files; .*--structures FOLDER/),
    ]);
  });

  it('names file and place of a structure that cannot be used', async () => {
    const folder = structures('a.vasp');
    writeFileSync(join(folder, 'b.vasp'), poscar(3).replace('Na', 'Xx'));
    const [message] = await reasons(table('id,g\na,1\nb,2\n'), { structures: folder });
    expect(message).toMatch(/^b.vasp, line 9: symbol "Xx"/);
  });

  it('says that a name is that of several files', async () => {
    const folder = structures('one/a.vasp', 'two/a.vasp');
    expect(await reasons(table('id,g\na,1\n'), { structures: folder })).toEqual([
      expect.stringContaining('several files'),
    ]);
    expect(await outline(table('id,g,file\na,1,two/a.vasp\n'), { structures: folder })).toEqual(['a: 1/-']);
  });
});

describe('separated values', () => {
  const folder = structures('a.vasp', 'b.vasp', 'c,d.vasp');
  const said = { structures: folder };

  it.each([
    ['CRLF and a BOM', '\uFEFFid,g,k\r\na,1,2\r\nb,3,4\r\n'],
    ['semicolons', 'id;g;k\na;1;2\nb;3;4\n'],
    ['tabs', 'id\tg\tk\na\t1\t2\nb\t3\t4'],
    ["a spreadsheet's hint", 'sep=;\r\nid;g;k\r\na;1;2\r\nb;3;4\r\n'],
    ['line ends of old', 'id,g,k\ra,1,2\rb,3,4\r'],
    ['quotes and line ends in them', '"id","note","g","k"\n"a","one, ""two""\nthree",1,2\n"b","",3,4\n'],
    ['empty lines, spaces and exponents', 'id,g,k\n\n a ,1.0e0, 2\n\nb,+3.,4D0\n\n'],
  ])('are read with %s', async (_, text) => {
    expect(await outline(table(text), said)).toEqual(['a: 1/2', 'b: 3/4']);
    expect(await outline(table(gzipSync(text), 'csv.gz'), said)).toEqual(['a: 1/2', 'b: 3/4']);
  });

  it('keep an id that holds the separator', async () => {
    expect(await outline(table('id,g\n"c,d",1\n'), said)).toEqual(['c,d: 1/-']);
  });

  it('refuse a row of another width, and the label alone of a bad number', async () => {
    const { items } = await read(table('id,g,k\na,1\nb,12 GPa,4\n'), said);
    expect(items.map(word)).toEqual(['bad_syntax at line 2', 'b', 'bad_number at line 3']);
    expect(items[2]).toMatchObject({
      rejection: {
        materialId: 'b',
        message: expect.stringMatching(/^column "g" holds "12 GPa"; write a number alone/),
      },
    });
  });

  it('name the line on which a row begins', async () => {
    const text = 'id,note,g\na,"x\ny\nz",1\n\nnone,,2\nb,,3\n';
    expect(await outline(table(text), said)).toEqual(['a: 1/-', 'missing_field at line 6', 'b: 3/-']);
  });

  it('ask back about decimal commas', async () => {
    const path = table('id;g;k\na;1,5;2\nb;3;4,25\n');
    expect(await reasons(path, said)).toEqual([expect.stringMatching(/column "g" holds "1,5"; .*--decimal comma/)]);
    expect(await outline(path, { ...said, decimal: 'comma' })).toEqual(['a: 1.5/2', 'b: 3/4.25']);
  });

  it('are refused where the header does not tell which column', async () => {
    expect(await reasons(table('id,g,g\na,1,2\n'), said)).toEqual([
      expect.stringContaining('2 columns are titled "g"'),
    ]);
    expect(await reasons(table('id,g\na,1\n'), { ...said, columns: { k: 'K' } })).toEqual([
      'there is no column "K" for k; there are "id", "g"',
    ]);
    expect(await reasons(table('id,x\na,1\n'), { ...said, columns: { g: 'x', k: 'x' } })).toEqual([
      expect.stringContaining('both g and k'),
    ]);
    expect(await reasons(table(''), said)).toEqual(['the input is empty']);
  });
});

describe('units', () => {
  const names = Array.from({ length: 12 }, (_, i) => `m${i}`);
  const folder = structures(...names.map((name) => `${name}.vasp`));
  const rows = (title: string, of: (i: number) => string) =>
    table(`id,${title}\n${names.map((name, i) => `${name},${of(i)}\n`).join('')}`);
  const said = { structures: folder };

  it.each([
    ['G_VRH [kbar],K_VRH [kbar]', 'm1: 2.1/4.2', (i: number) => `${20 + i},${40 + 2 * i}`],
    ['G_VRH (Pa),K_VRH (Pa)', 'm1: 2.1/4.2', (i: number) => `${(20 + i) * 1e8},${(40 + 2 * i) * 1e8}`],
    ['log10(G_VRH),log10(K_VRH)', 'm1: 10/100', (i: number) => `${i},${2 * i}`],
    ['G_VRH_GPa,K_VRH_GPa', 'm1: 21/42', (i: number) => `${20 + i},${40 + 2 * i}`],
    ['G / eV/A^3,K / eV/A^3', 'm0: 16.0218/32.0435', (i: number) => `${0.1 + i},${0.2 + 2 * i}`],
  ])('are taken from titles: %s', async (title, word, of) => {
    expect(await outline(rows(title, of), said)).toContain(word);
  });

  it.each([
    ['kbar', (i: number) => `${400 + i},${900 + i}`],
    ['Pa', (i: number) => `${4e10 + i},${9e10 + i}`],
    ['log10(GPa)', (i: number) => `${1.2 + i / 20},${1.5 + i / 20}`],
    ['eV/A^3', (i: number) => `${0.2 + i / 100},${0.5 + i / 100}`],
  ])('that look like %s are asked back, and answered', async (unit, of) => {
    const path = rows('G_VRH,K_VRH', of);
    expect(await reasons(path, said)).toEqual([
      expect.stringContaining(`which looks like ${unit}; say --unit ${unit}`),
    ]);
    expect(await reasons(path, { ...said, unit: unit as 'kbar' })).toEqual([]);
    expect((await read(path, { ...said, unit: 'GPa' })).items.some(({ kind }) => kind === 'material')).toBe(true);
  });

  it('ask back where K stands in the column of G', async () => {
    const path = rows('g_vrh,k_vrh', (i) => `${90 + i},${40 + i}`);
    expect(await reasons(path, said)).toEqual([expect.stringContaining('are the columns exchanged?')]);
    expect(await outline(path, { ...said, columns: { g: 'k_vrh', k: 'g_vrh' } })).toContain('m0: 40/90');
    expect(await outline(path, { ...said, columns: { g: 'g_vrh', k: 'k_vrh' } })).toContain('m0: 90/40');
  });
});
