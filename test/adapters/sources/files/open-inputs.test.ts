import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInputs } from '../../../../src/adapters/sources/files/open-inputs.ts';
import { readStructures } from '../../../../src/adapters/sources/files/read-structures.ts';
import type { InputOptions, StructureItem } from '../../../../src/formats/input-unit.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'elastream-readers-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const row = (id: string, edge = 3) =>
  `{"material_id":"${id}","lattice":[[${edge},0,0],[0,3,0],[0,0,3]],"species":["Na"],"frac_coords":[[0,0,0]]}`;
const rows = (n: number) => Array.from({ length: n }, (_, i) => `${row(`r${i}`)}\n`).join('');
const POSCAR = 'x\n3\n1 0 0\n0 1 0\n0 0 1\nNa\n1\nDirect\n0 0 0\n';
const CIF = [
  'data_x',
  ...['a', 'b', 'c'].map((edge) => `_cell_length_${edge} 3`),
  ...['alpha', 'beta', 'gamma'].map((angle) => `_cell_angle_${angle} 90`),
  'loop_ _atom_site_label _atom_site_fract_x _atom_site_fract_y _atom_site_fract_z Na1 0 0 0\n',
].join('\n');
const PYMATGEN =
  '{"lattice":{"matrix":[[3,0,0],[0,3,0],[0,0,3]]},"sites":[{"species":[{"element":"Na","occu":1}],"abc":[0,0,0]}]}';

/** One word for each item: the id, or the code with its locator. */
async function outline(paths: string | string[], options: InputOptions = {}): Promise<string[]> {
  const word = (item: StructureItem) =>
    item.kind === 'material'
      ? item.material.id
      : [item.rejection.code, item.rejection.locator].filter((part) => part !== undefined).join(' at ');
  const words: string[] = [];
  for await (const item of readStructures(paths, options)) words.push(word(item));
  return words;
}

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('standard input', () => {
  it.each([
    ['JSON lines', `${row('a')}\n${row('b')}\n`, ['a', 'b']],
    ['one row', row('a'), ['a']],
    ['a pymatgen structure', PYMATGEN, ['stdin']],
    ['an indented pymatgen structure', JSON.stringify(JSON.parse(PYMATGEN), null, 2), ['stdin']],
    ['a list', `[${PYMATGEN},${row('a')}]`, ['stdin#1', 'a']],
    ['a CIF', `# comment\n${CIF}`, ['stdin']],
    ['a POSCAR', POSCAR, ['stdin']],
    ['text of another kind', 'hello\nworld\n', ['unsupported_format']],
    ['nothing', '', ['no_sites']],
  ])('recognizes %s, compressed or not, however it is cut', async (_, text, expected) => {
    const plain = Buffer.from(text);
    for (const bytes of [plain, gzipSync(plain)]) {
      for (const size of [1, 7, 100_000]) {
        if (plain.length === 0 && bytes.length > 0) continue;
        expect(await outline('-', { stdin: chunksOf(bytes, size) })).toEqual(expected);
      }
    }
  });

  it.each([
    ['UTF-16', Buffer.from(`\uFEFF${rows(2)}`, 'utf16le'), 'bad_encoding'],
    ['zip', Buffer.from('PK\u0003\u0004rest of it'), 'unsupported_format'],
    ['bzip2', Buffer.from('BZh91AY&SY'), 'unsupported_format'],
    ['binary', Buffer.from([1, 0, 2, 0, 3, 0, 4, 0, 5, 0]), 'unsupported_format'],
  ])('refuses %s', async (_, bytes, code) => {
    expect(await outline('-', { stdin: chunksOf(bytes, 64) })).toEqual([code]);
  });

  it('strips a byte order mark, of rows and of documents', async () => {
    for (const text of [`${row('a')}\n${row('b')}`, PYMATGEN, CIF]) {
      const plain = await outline('-', { stdin: chunksOf(Buffer.from(text), 9) });
      expect(await outline('-', { stdin: chunksOf(Buffer.from(`\uFEFF${text}`), 9) })).toEqual(plain);
    }
  });
});

describe('files', () => {
  it('refuses a path that does not exist before reading any', async () => {
    const good = write('good.jsonl', rows(1));
    const reading = openInputs([good, join(folder, 'absent.cif')]).next();
    await expect(reading).rejects.toMatchObject({
      code: 'input_unreadable',
      message: expect.stringContaining('absent.cif'),
    });
  });

  it('keeps the rows before a truncated or damaged gzip, then says so', async () => {
    const whole = gzipSync(Array.from({ length: 20_000 }, (_, i) => `${row(`r${i}`, 3 + Math.sin(i))}\n`).join(''));
    const cut = await outline(write('cut.jsonl.gz', whole.subarray(0, whole.length >> 1)));
    expect(cut.length).toBeGreaterThan(5000);
    expect(cut.at(-1)).toBe(`truncated at line ${cut.length}`);
    expect(cut.slice(0, -1)).toEqual(cut.slice(0, -1).map((_, i) => `r${i}`));
    const damaged = Buffer.from(whole);
    damaged[damaged.length - 5]! ^= 0xff;
    expect((await outline(write('damaged.jsonl.gz', damaged))).at(-1)).toMatch(/^bad_encoding at line /);
    expect(await outline(write('cut.cif.gz', gzipSync(CIF).subarray(0, 60)))).toEqual(['truncated']);
    expect(await outline(write('header.cif.gz', gzipSync(CIF).subarray(0, 4)))).toEqual(['truncated']);
  });

  it('reads gzip of several members', async () => {
    const members = Buffer.concat([gzipSync(`${row('a')}\n`), gzipSync(`${row('b')}\n`)]);
    expect(await outline(write('members.jsonl.gz', members))).toEqual(['a', 'b']);
  });

  it('refuses a line that is not UTF-8 and reads the others', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${row('ä')}\n`),
      Buffer.from([0x22, 0xff, 0x22, 0x0a]),
      Buffer.from(row('c')),
    ]);
    expect(await outline(write('mixed.jsonl', bytes))).toEqual(['ä', 'bad_encoding at line 2', 'c']);
  });

  it('refuses a line beyond 16 MiB without keeping it, and goes on', async () => {
    async function* stdin() {
      yield Buffer.from(`${row('a')}\n{"x":"`);
      for (let i = 0; i < 600; i++) yield Buffer.alloc(64 * 1024, 'x');
      yield Buffer.from(`"}\n${row('b')}\n`);
      for (let i = 0; i < 300; i++) yield Buffer.alloc(64 * 1024, 'y');
    }
    const words = await outline('-', { stdin: stdin() });
    expect(words).toEqual(['a', 'too_large at line 2', 'b', 'too_large at line 4']);
  });

  it('refuses a gzip bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024, ' '));
    expect(bomb.length).toBeLessThan(100_000);
    expect(await outline(write('bomb.cif.gz', bomb))).toEqual(['too_large']);
  });

  it('numbers lines across units, and each unit owns its bytes', async () => {
    const path = write('many.jsonl', rows(5000));
    let line = 1;
    for await (const unit of openInputs([path])) {
      if (unit.kind !== 'rows') throw new Error(unit.kind);
      expect(unit.firstLine).toBe(line);
      expect(unit.bytes.buffer.byteLength).toBe(unit.bytes.length);
      line += unit.bytes.filter((byte) => byte === 10).length;
    }
    expect(line).toBe(5001);
  });

  it('reports progress in bytes', async () => {
    const path = write('progress.jsonl', rows(3000));
    const calls: [number, number | undefined][] = [];
    await outline(path, { onProgress: (read, total) => calls.push([read, total]) });
    expect(calls.length).toBeGreaterThan(1);
    expect(calls.at(-1)![0]).toBe(calls.at(-1)![1]);
  });
});

describe('folders', () => {
  it('reads known names in byte order, reports the others, and follows each link once', async () => {
    for (const name of ['tree/b.cif', 'tree/ä.cif', 'tree/B.cif.gz', 'tree/z/deep.vasp', 'tree/POSCAR_7']) {
      const content = name.includes('cif') ? CIF : POSCAR;
      write(name, name.endsWith('.gz') ? gzipSync(content) : content);
    }
    for (const name of ['tree/notes.txt', 'tree/INCAR', 'tree/.hidden.cif']) write(name, 'x');
    write('tree/.git/config.json', 'x');
    symlinkSync(join(folder, 'tree'), join(folder, 'tree/z/loop'));
    symlinkSync(join(folder, 'nowhere.cif'), join(folder, 'tree/zz.cif'));
    const skipped: string[] = [];
    const words = await outline(join(folder, 'tree'), {
      onSkipped: (path) => skipped.push(path.slice(folder.length + 6)),
    });
    expect(words).toEqual(['B', 'POSCAR_7', 'b', 'deep', 'unreadable', 'ä']);
    expect(skipped).toEqual(['.hidden.cif', 'INCAR', 'notes.txt']);
  });

  it('names POSCAR and CONTCAR after their folder', async () => {
    for (const name of [
      'runs/mp-1/CONTCAR',
      'runs/mp-2/relax/POSCAR.gz',
      'runs/mp-3/POSCAR',
      'runs/mp-3/CONTCAR',
      'runs/POSCAR',
    ]) {
      write(name, name.endsWith('.gz') ? gzipSync(POSCAR) : POSCAR);
    }
    expect(await outline(join(folder, 'runs'))).toEqual(['runs', 'mp-1', 'mp-2/relax', 'mp-3/CONTCAR', 'mp-3/POSCAR']);
    expect(await outline(join(folder, 'runs/mp-3/POSCAR'))).toEqual(['mp-3']);
  });

  it('finds an id that comes twice, across files', async () => {
    write('twice/1/NaCl.cif', CIF);
    write('twice/2/NaCl.cif', CIF);
    expect(await outline(join(folder, 'twice'))).toEqual(['NaCl', 'duplicate_id at block data_x']);
  });
});
