import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../../../deploy/local/scratch.ts';
import { materialsOf } from '../../../../src/adapters/sources/files/materials-of.ts';
import { openInputs } from '../../../../src/adapters/sources/files/open-inputs.ts';
import type { TableOptions } from '../../../../src/model/table-options.ts';

const scratch = scratchDirectory();
afterAll(() => scratch.remove());
const at = (name: string) => join(scratch.path, name);
const MIB = 1024 * 1024;

beforeAll(() => {
  mkdirSync(at('cifs'));
  writeFileSync(at('cifs/a.vasp'), 'x\n3\n1 0 0\n0 1 0\n0 0 1\nNa\n1\nDirect\n0 0 0\n');
});

/** What became of a file's structures: how many, and `code: message` of the first rejections; and the memory it took. */
async function read(path: string, table: TableOptions = { structures: at('cifs') }) {
  const found = { materials: 0, rejected: 0, reasons: [] as string[], peakMib: 0 };
  const before = process.memoryUsage().rss;
  for await (const unit of openInputs([path], { table })) {
    found.peakMib = Math.max(found.peakMib, (process.memoryUsage().rss - before) / MIB);
    for (const item of materialsOf(unit)) {
      if (item.kind === 'material') found.materials++;
      else {
        found.rejected++;
        const { code, locator = 'file', message } = item.rejection;
        if (found.reasons.length < 5) found.reasons.push(`${code} at ${locator}: ${message}`);
      }
    }
  }
  return found;
}

async function write(name: string, pieces: Iterable<string | Buffer>): Promise<string> {
  const path = at(name);
  await pipeline(Readable.from(pieces), createWriteStream(path));
  return path;
}

const table = (content: string | Buffer, name = 'table.csv') => write(name, [content]);

describe('a hostile table', () => {
  it.each([
    ['is empty', '', /^no_sites/],
    ['is blank', '\n\n\n', /^no_sites at file: the table is empty/],
    ['is a header alone, without ids', 'x,y\n', /^missing_field at file: no column names the structure files/],
    ['is text of another kind', 'hello world\nhow are you\n', /^missing_field at file: no column/],
    [
      'is in Latin 1',
      Buffer.from('id,note,g\na,x,1\nb,caf\xe9,1\n', 'latin1'),
      /^bad_encoding at line 3: the text is not UTF-8; .*iconv/,
    ],
    ['is in UTF-16', Buffer.from('\ufeffid,g\na,1\n', 'utf16le'), /^bad_encoding at file: the text is UTF-16/],
    ['holds NUL bytes', 'id,g\na,1\nb\0,2\n', /^bad_encoding at line 3: the text holds a NUL byte/],
    ['is binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1, 2]), /^unsupported_format/],
    [
      'is a spreadsheet',
      Buffer.from('PK\x03\x04xxxxxxxx', 'latin1'),
      /^unsupported_format at file: .*save the spreadsheet as CSV/,
    ],
    ['is an Arrow file', Buffer.from('ARROW1\0\0xxxxxxxx', 'latin1'), /^unsupported_format at file: .*df.to_parquet/],
    ['is cut in a quote', 'id,g\na,"1\n', /^truncated at line 2: a quote that opens is never closed/],
    ['titles a column twice', 'id,id,g\na,a,1\n', /^bad_syntax at file: 2 columns are titled "id"/],
    ['has ragged rows', 'id,g\na\n', /^bad_syntax at line 2: the row has 1 cells, and the table 2 columns/],
    ['has no id in a row', 'id,g\n,1\n', /^missing_field at line 2: /],
    ['has an id too long', `id,g\n${'x'.repeat(200)},1\n`, /^bad_id at line 2: material_id has 200 bytes/],
    ['names a file outside', 'id,g\n../../../etc/passwd,1\n', /^missing_field at line 2: no structure file/],
  ])('that %s is refused with the reason', async (_, content, reason) => {
    const { materials, reasons } = await read(await table(content));
    expect(reasons.at(-1)).toMatch(reason);
    expect(materials).toBeLessThanOrEqual(1);
  });

  it.each([
    ['unclosed brackets', '{"sites": [', /^bad_syntax at line 2: not valid JSON/],
    ["Python's dict", "{'sites': []}", /^bad_syntax at line 2: column "structure" holds a dict as Python prints it/],
    ['a summary', 'Full Formula (Na1)\nabc: 3 3 3', /^unsupported_format at line 2: .*summary for people/],
    ['a number', '"1.5\n"', /^unsupported_format at line 2/],
    ['a depth of 10^5', '['.repeat(1e5), /^unsupported_format at line 2/],
    ['an object of a depth of 10^5', `{"a":${'['.repeat(1e5)}`, /^bad_syntax at line 2/],
    ['10^7 atoms', `"x\n3\n1 0 0\n0 1 0\n0 0 1\nNa\n10000000\nDirect\n"`, /^too_many_sites at line 2/],
    ['a scale of 0', `"x\n0\n1 0 0\n0 1 0\n0 0 1\nNa\n1\nDirect\n0 0 0\n"`, /^bad_lattice at line 2/],
    ['positions cut short', `"x\n3\n1 0 0\n0 1 0\n0 0 1\nNa\n2\nDirect\n0 0 0\n"`, /^truncated at line 2/],
    ['stars of an overflow', `"x\n3\n1 0 0\n0 1 0\n0 0 1\nNa\n1\nDirect\n****** 0 0\n"`, /^bad_number at line 2/],
    ['a CIF without atoms', `"data_x\n_cell_length_a 3\n"`, /^no_sites at line 2/],
    ['nothing', '', /^missing_field at line 2: column "structure" is empty/],
  ])('with a structure that is %s is refused in that row', async (_, cell, reason) => {
    const quoted = cell.startsWith('"') || cell === '' ? cell : `"${cell.replaceAll('"', '""')}"`;
    const good = '"x\n3\n1 0 0\n0 1 0\n0 0 1\nNa\n1\nDirect\n0 0 0\n"';
    const { materials, reasons } = await read(await table(`id,structure,g\nbad,${quoted},1\ngood,${good},2\n`), {});
    expect(reasons).toEqual([expect.stringMatching(reason)]);
    expect(materials).toBe(1);
  });

  it('with 10^5 columns is refused by its header', async () => {
    const header = Array.from({ length: 1e5 }, (_, i) => `c${i}`).join(',');
    const { reasons } = await read(await write('wide.csv', [`${header}\n`, `${'1,'.repeat(1e5)}\n`]));
    expect(reasons).toEqual([
      'too_large at file: the table has 100000 columns; at most 4096 are read; write a row per material',
    ]);
  });

  it('with a cell of 100 MB is refused at it, in bounded memory', async () => {
    const part = 'x'.repeat(MIB);
    const path = await write('long-cell.csv', ['id,g\na,1\n"', ...Array.from({ length: 100 }, () => part), '",2\n']);
    const { reasons, materials, peakMib } = await read(path);
    expect(materials).toBe(1);
    expect(reasons).toEqual([expect.stringMatching(/^too_large at line 3: a row has more than 16777216 bytes/)]);
    expect(peakMib).toBeLessThan(256);
  });

  it('that is a gzip bomb of empty lines is refused, in bounded memory', async () => {
    const zeros = gzipSync(Buffer.alloc(64 * MIB, '\n'));
    const { reasons, peakMib } = await read(await write('bomb.csv.gz', [gzipSync('id,g\na,1\n'), zeros]));
    expect(reasons).toEqual([
      expect.stringMatching(/^too_large at line \d+: the gzip data expands more than 256-fold/),
    ]);
    expect(peakMib).toBeLessThan(256);
  });

  it('of 10^6 rows is read in bounded memory', async () => {
    const structure = '"x\n3\n1 0 0\n0 1 0\n0 0 1\nNa\n1\nDirect\n0 0 0\n"';
    const rows = Array.from({ length: 1_000 }, (_, i) => `a,${i % 200},${(i % 200) + 40},${structure}\n`).join('');
    const path = await write('million.csv', ['id,g,k,poscar\n', ...Array.from({ length: 1_000 }, () => rows)]);
    const found = { units: 0, rows: 0, peakMib: 0 };
    const before = process.memoryUsage().rss;
    for await (const unit of openInputs([path])) {
      found.units++;
      if (unit.kind === 'table') found.rows += unit.rows.length;
      found.peakMib = Math.max(found.peakMib, (process.memoryUsage().rss - before) / MIB);
    }
    expect(found).toMatchObject({ rows: 1e6 });
    expect(found.peakMib).toBeLessThan(256);
  });
});

describe('a hostile JSON document', () => {
  it.each([
    ['is a list cut short', '[{"material_id":"a"', /^truncated at file: the list ends early, after entry 0/],
    ['is an empty list', '[]', /^no_sites/],
    ['holds no objects', '[1, "x", null]', /^bad_syntax at entry 1: the entry is not an object but 1/],
    ['goes on after its end', '[{"material_id":"a"}] []', /^missing_field at entry 1|^bad_syntax/],
    [
      'has rows of another width',
      '{"columns":["id","structure"],"data":[["a"],["b",{}]]}',
      /^bad_syntax at row 1: the row has 1 cells/,
    ],
  ])('that %s is refused with the reason', async (_, content, reason) => {
    expect((await read(await table(content, 'doc.json'), {})).reasons[0]).toMatch(reason);
  });

  it('of 200 MB is read in bounded memory, but for an entry that is too long', async () => {
    const entry = JSON.stringify({ material_id: 'a', note: 'x'.repeat(MIB) });
    const pieces = ['[', ...Array.from({ length: 100 }, () => `${entry},`), '{"material_id":"long","note":"'];
    const path = await write('large.json', [
      ...pieces,
      ...Array.from({ length: 100 }, () => 'x'.repeat(MIB)),
      '"},{"material_id":"z"}]',
    ]);
    const { rejected, reasons, peakMib } = await read(path, {});
    expect(rejected).toBe(102);
    expect(reasons[0]).toMatch(/^missing_field at entry 1/);
    expect(peakMib).toBeLessThan(256);
  });
});
