import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGzip, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../../../deploy/local/scratch.ts';
import { openFileSource } from '../../../../src/adapters/sources/files/file-source.ts';
import type { SourceItem } from '../../../../src/ports/material-source.ts';
import { materialSourceContract } from '../../../contract/material-source.contract.ts';
import { collected } from '../../../support/events.ts';
import { itWithShared } from '../../../support/shared-data.ts';

/** Written by hand. Where a label is bad, the id begins with the code that it must be refused with. */
const ROWS = fileURLToPath(new URL('../../../fixtures/labelled/rows.jsonl', import.meta.url));
const EXAMPLES = fileURLToPath(new URL('../../../../examples/elastic-tensor-2015.jsonl.gz', import.meta.url));

const scratch = scratchDirectory();
afterAll(() => scratch.remove());

function write(name: string, content: string | Uint8Array): string {
  const path = join(scratch.path, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const row = (id: string, label: object = {}) =>
  `${JSON.stringify({
    material_id: id,
    lattice: [
      [3, 0, 0],
      [0, 3, 0],
      [0, 0, 3],
    ],
    species: ['Na'],
    frac_coords: [[0, 0, 0]],
    ...label,
  })}\n`;
const read = async (path: string | string[]) => collected((await openFileSource(path)).read());
/** `id`, `id: 3/8` with G and K where there is a label, or code and place of a rejection. */
const word = (item: SourceItem) => {
  if (item.kind === 'rejection') return `${item.rejection.code} at ${item.rejection.locator ?? 'file'}`;
  const { g_vrh: g, k_vrh: k } = item.label?.values ?? {};
  return item.label ? `${item.material.id}: ${g ?? '-'}/${k ?? '-'}` : item.material.id;
};
const outline = async (path: string | string[]) => (await read(path)).map(word);

describe('units', () => {
  function diagonal(value: number): number[][] {
    return Array.from({ length: 6 }, (_, i) => Array.from({ length: 6 }, (__, j) => (i === j ? value : 0)));
  }

  it('of moduli, tensors and cells are converted where they are said, and make another source', async () => {
    const kbar = write('units/kbar.jsonl', row('na', { g_vrh: 34, k_vrh: 80, elastic_tensor: diagonal(125) }));
    const source = await openFileSource(kbar, { table: { unit: 'kbar', lengthUnit: 'nm' } });
    const [item] = await collected(source.read());
    expect(source.id).not.toBe((await openFileSource(kbar)).id);
    expect(item).toMatchObject({ kind: 'material', label: { values: { g_vrh: 3.4, k_vrh: 8 } } });
    if (item?.kind !== 'material') throw new Error('no material');
    expect(item.label!.tensor![0]).toBe(12.5);
    expect(item.material.structure.lattice.matrix[0]).toBe(30);
  });

  it('of a table are converted once', async () => {
    const table = fileURLToPath(new URL('../../../fixtures/tables/poscar-column.tsv', import.meta.url));
    const shear = async (unit: 'GPa' | 'kbar') => {
      const items = await collected((await openFileSource(table, { table: { unit } })).read());
      return items.flatMap((item) => (item.kind === 'material' && item.label ? [item.label.values.g_vrh!] : []));
    };
    const plain = await shear('GPa');
    expect(plain.length).toBeGreaterThan(0);
    expect(await shear('kbar')).toEqual(plain.map((value) => value / 10));
  });

  it('that give an impossible cell reject the structure', async () => {
    const wide = write(
      'units/wide.jsonl',
      row('na', {
        lattice: diagonal(9e4)
          .slice(0, 3)
          .map((r) => r.slice(0, 3)),
      }),
    );
    const source = await openFileSource(wide, { table: { lengthUnit: 'nm' } });
    expect((await collected(source.read())).map(word)).toEqual(['bad_lattice at line 1']);
  });
});

describe('as a MaterialSource', () => materialSourceContract(() => openFileSource(ROWS)));

describe('labels', () => {
  it('come with provenance, and the method as far as the row says it', async () => {
    const [both, one, none] = await read(ROWS);
    expect(both).toMatchObject({
      kind: 'material',
      material: { id: 'both' },
      label: { method: { kind: 'dft' }, provenance: `${ROWS}: line 1`, values: { g_vrh: 3.4, k_vrh: 8 } },
    });
    const tensor = both?.kind === 'material' ? both.label?.tensor : undefined;
    expect(Array.from(tensor!.slice(0, 9))).toEqual([12, 6, 6, 0, 0, 0, 6, 12, 6]);
    expect(one).toMatchObject({
      label: {
        method: { kind: 'dft', code: 'VASP 5.4.4', functional: 'PBE', relaxedIon: true },
        values: { k_vrh: -7.5 },
      },
    });
    expect(none).not.toHaveProperty('label');
  });

  it('are refused beside their material, each for its own reason', async () => {
    const items = await read(ROWS);
    const bad = items.flatMap((item, i) => {
      const named = item.kind === 'material' && /^[a-z]+(_[a-z]+)+/.exec(item.material.id)?.[0];
      return named ? [{ named, item, next: items[i + 1] }] : [];
    });
    expect(bad).toHaveLength(18);
    for (const { named, item, next } of bad) {
      expect(item).not.toHaveProperty('label');
      const materialId = item.kind === 'material' ? item.material.id : undefined;
      const rejection = { code: named, materialId, source: ROWS, locator: expect.stringMatching(/^line \d+$/) };
      expect(next).toMatchObject({ kind: 'rejection', rejection });
    }
  });

  it('name field, value and remedy where they are refused', async () => {
    const messages = (await read(ROWS)).flatMap((item) =>
      item.kind === 'rejection' && item.rejection.materialId?.includes('-') ? item.rejection.message : [],
    );
    expect(messages).toEqual(
      expect.arrayContaining([
        'g_vrh of bad_number-bare-nan is "NaN"; give a number in GPa, or null where unknown (kept without its label)',
        'g_vrh of bad_number-text is "12 GPa"; give a number in GPa, or null where unknown (kept without its label)',
        'k_vrh of out_of_range-kbar is 10000.5 GPa; at most 10000 GPa are believable; is the unit GPa? (kept without its label)',
        'elastic_tensor of bad_number-tensor-word: entry [1][1]: "12" is not a finite number: replace it (kept without its label)',
      ]),
    );
  });

  it('stand in JSON documents too, and in no other format', async () => {
    const [first, second] = [row('a', { g_vrh: 1, k_vrh: 2 }), row('b', { k_vrh: 3 }).replace('3}', 'NaN}')];
    const list = write('list.json', `[${first},${second}]`);
    expect(await outline(list)).toEqual(['a: 1/2', 'b', 'bad_number at entry 2']);
    const single = write('single.json', `{\n"x":1,${first.slice(1)}`);
    const [item] = await read(single);
    expect(item).toMatchObject({ label: { provenance: single } });
    expect(await outline(write('x.poscar', 'g_vrh\n3\n1 0 0\n0 1 0\n0 0 1\nNa\n1\nDirect\n0 0 0\n'))).toEqual(['x']);
  });

  it('nested a million deep are bad labels, not crashes', async () => {
    const deep = `${'['.repeat(1e6)}${']'.repeat(1e6)}`;
    const rows = ['g_vrh', 'elastic_tensor', 'code', 'band_gap'].map((field) =>
      row(field, { k_vrh: 1, [field]: 0 }).replace(`"${field}":0`, `"${field}":${deep}`),
    );
    expect(await outline(write('deep.jsonl', rows.join('')))).toEqual([
      'g_vrh',
      'bad_number at line 1',
      'elastic_tensor',
      'bad_syntax at line 2',
      'code',
      'bad_syntax at line 3',
      'bad_number at line 4',
    ]);
  });

  it('of the examples are all read', async () => {
    const items = await read(EXAMPLES);
    expect(items).toHaveLength(1181);
    expect(items.every((item) => item.kind === 'material' && item.label?.tensor?.length === 36)).toBe(true);
  });

  itWithShared('of 9,564 Materials Project rows are all read', async (shared) => {
    const items = await read(shared('data/mp-elastic.jsonl.gz'));
    expect(items.filter((item) => item.kind === 'material' && item.label)).toHaveLength(9564);
    expect(items).toHaveLength(9564);
  });
});

describe('ids met twice', () => {
  it('stay with their first row; another label for the same structure is a conflict that names both', async () => {
    const duplicates = (await read(ROWS)).flatMap((item) =>
      item.kind === 'rejection' && /^(kept|none)$/.test(item.rejection.materialId ?? '') ? item.rejection : [],
    );
    const same = 'kept came before in this run with the very same structure; remove one of the two';
    const other =
      'kept came before in this run with another structure, and the first is kept; give this one an id of its own';
    const conflict = (id: string, what: string) =>
      `${id} came before in this run with the same structure, but ${what}, and the first is kept; remove the one that is wrong`;
    expect(duplicates.map(({ code, locator, message }) => [code, locator, message])).toEqual([
      ['duplicate_id', 'line 5', same],
      ['conflicting_label', 'line 6', conflict('kept', 'g_vrh was 10 GPa and is 11 GPa')],
      ['duplicate_id', 'line 7', other],
      ['conflicting_label', 'line 8', conflict('kept', 'g_vrh was 10 GPa and is not known')],
      ['duplicate_id', 'line 9', same],
      ['conflicting_label', 'line 10', conflict('none', 'g_vrh was not known and is 5 GPa')],
    ]);
  });

  it('are compared with their own labels among thousands', async () => {
    const label = (i: number) => ({ g_vrh: i, k_vrh: 2 * i });
    const once = Array.from({ length: 5000 }, (_, i) => row(`m${i}`, i % 3 === 0 ? {} : label(i)));
    const twice = Array.from({ length: 5000 }, (_, i) => row(`m${i}`, label(i)));
    const codes = (await outline(write('twice.jsonl', [...once, ...twice].join('')))).slice(5000);
    const expected = twice.map((_, i) => `${i % 3 === 0 ? 'conflicting_label' : 'duplicate_id'} at line ${5001 + i}`);
    expect(codes).toEqual(expected);
  });
});

describe('damaged input', () => {
  it('gives what stands before the end of a truncated gzip, labels included', async () => {
    const rows = Array.from({ length: 2000 }, (_, i) => row(`r${i}`, { g_vrh: i, k_vrh: i / 7 })).join('');
    const whole = gzipSync(rows);
    const words = await outline(write('cut.jsonl.gz', whole.subarray(0, whole.length / 2)));
    expect(words.at(-1)).toBe(`truncated at line ${words.length}`);
    expect(words.length).toBeGreaterThan(500);
    expect(words.slice(0, -1)).toEqual(words.slice(0, -1).map((_, i) => `r${i}: ${i}/${i / 7}`));
  });

  it('passes over a line of 256 MiB in little memory, and reads on', async () => {
    const path = join(scratch.path, 'long.jsonl.gz');
    const gzip = createGzip({ level: 1 });
    gzip.pipe(createWriteStream(path));
    gzip.write(row('before', { k_vrh: 1 }));
    gzip.write('{"g_vrh":');
    const digits = Buffer.alloc(1024 * 1024, '7');
    for (let i = 0; i < 256; i++) if (!gzip.write(digits)) await once(gzip, 'drain');
    gzip.end(`}\n${row('after', { k_vrh: 2 })}`);
    await once(gzip, 'close');
    const before = process.memoryUsage.rss();
    let peak = before;
    const words: string[] = [];
    const sampling = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 5);
    for await (const item of (await openFileSource(path)).read()) words.push(word(item));
    clearInterval(sampling);
    expect(words).toEqual(['before: -/1', 'too_large at line 2', 'after: -/2']);
    expect((peak - before) / 2 ** 20).toBeLessThan(150);
  });

  it('refuses a row in another encoding and reads on', async () => {
    const latin1 = Buffer.from(row('caf\u00e9', { k_vrh: 1 }), 'latin1');
    const path = write('latin1.jsonl', Buffer.concat([latin1, Buffer.from(row('b', { k_vrh: 2 }))]));
    expect(await outline(path)).toEqual(['bad_encoding at line 1', 'b: -/2']);
    expect(await outline(write('utf16.jsonl', Buffer.from(`\ufeff${row('c')}`, 'utf16le')))).toEqual([
      'bad_encoding at file',
    ]);
  });
});

describe('the id', () => {
  const tree = (name: string, change = '') => {
    write(`${name}/b/one.jsonl`, row('one'));
    write(`${name}/two.jsonl`, row('two') + change);
    return join(scratch.path, name);
  };
  const digest = async (path: string | string[]) => (await openFileSource(path)).id.replace(/^.*@/, '');

  it('is the path as given and the SHA-256 of the bytes', async () => {
    const path = write('named.jsonl', row('a'));
    const expected = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
    expect((await openFileSource(path)).id).toBe(`${path}@sha256:${expected}`);
    writeFileSync(path, row('b'));
    expect((await openFileSource(path)).id).not.toContain(expected);
  });

  it("covers a folder's files and their names, wherever the folder is", async () => {
    const first = await digest(tree('first'));
    expect(first).toMatch(/^sha256:[0-9a-f]{16}$/);
    expect(await digest(tree('second'))).toBe(first);
    expect(await digest(tree('third', row('more')))).not.toBe(first);
    const renamed = tree('fourth');
    renameSync(join(renamed, 'two.jsonl'), join(renamed, 'three.jsonl'));
    expect(await digest(renamed)).not.toBe(first);
  });

  it('covers several paths, whose rows are read as one source', async () => {
    const [a, b] = [write('several/a.jsonl', row('same', { k_vrh: 1 })), write('several/b.jsonl', row('same'))];
    expect((await openFileSource([a, b])).id.startsWith(`${a},${b}@sha256:`)).toBe(true);
    expect(await digest([a, b])).not.toBe(await digest([a]));
    expect(await outline([a, b])).toEqual(['same: -/1', 'duplicate_id at line 1']);
  });

  it('stands though one file of a folder cannot be read, which is refused in its turn', async () => {
    const folder = tree('broken');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'a.jsonl'));
    expect(await outline(folder)).toEqual(['unreadable at file', 'one', 'two']);
  });

  it.each([
    ['no path', [], 'invalid_argument', /no path is given/],
    ['standard input', '-', 'invalid_argument', /^- cannot be a source.*write it to a file first/],
    ['a device', '/dev/null', 'invalid_argument', /^\/dev\/null cannot be a source/],
    ['what is not there', 'nowhere.jsonl', 'input_unreadable', /nowhere\.jsonl: there is no such file/],
  ])('is refused for %s', async (_, path, code, message) => {
    const opening = openFileSource(path);
    await expect(opening).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('is not waited for once aborted', async () => {
    await expect(openFileSource(ROWS, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'interrupted' });
  });
});
