import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvRecords, separatorOf } from '../../../../src/adapters/sources/files/csv-records.ts';
import { collected } from '../../../support/events.ts';

async function* chunksOf(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A cell as spreadsheets write it. */
const written = (cell: string, separator: string) =>
  cell === '' || cell.includes(separator) || /["\r\n]/.test(cell) || cell.trim() !== cell
    ? `"${cell.replaceAll('"', '""')}"`
    : cell;

const text = fc.string({ unit: fc.constantFrom('a', '1', ' ', ',', ';', '"', '\n', 'é', '中', '|') });
const tables = fc
  .integer({ min: 1, max: 4 })
  .chain((width) => fc.array(fc.array(text, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }));

describe('csvRecords', () => {
  it('gives back any cells, whatever separates them and however the bytes are cut', async () => {
    const ways = fc.record({
      separator: fc.constantFrom(',', ';', '\t', '|'),
      lineEnd: fc.constantFrom('\n', '\r\n'),
      size: fc.integer({ min: 1, max: 9 }),
      hasBom: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(tables, ways, async (rows, { separator, lineEnd, size, hasBom }) => {
        const lines = rows.map((cells) => `${cells.map((cell) => written(cell, separator)).join(separator)}${lineEnd}`);
        const source = chunksOf(`${hasBom ? '\uFEFF' : ''}${lines.join('')}`, size);
        const records = await collected(csvRecords(source, separator, { line: 0 }));
        expect(records.map(({ cells }) => cells)).toEqual(rows);
        const starts = lines.map((_, i) => 1 + lines.slice(0, i).join('').split('\n').length - 1);
        expect(records.map(({ line }) => line)).toEqual(starts);
      }),
    );
  });
});

describe('separatorOf', () => {
  it.each([
    [',', 'a,b,c\n1,2,3\n'],
    [';', 'a;b;c\n1,5;2,5;3,5\n'],
    ['\t', 'a\tb c, d\n1\t2\n'],
    ['|', 'a|b\n1|2\n'],
    [';', 'name;G, GPa;K, GPa\nx;1;2\ny;3;4\n'],
    [',', 'a,"b;c;d;e"\n1,"2;3;4"\n'],
    [';', 'sep=;\r\na;b\r\n'],
  ])('%j', (separator, head) => expect(separatorOf(head)).toBe(separator));
});
