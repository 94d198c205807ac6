import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CSV, csvField, JSON_LINES } from '../../../src/adapters/writers/row-text.ts';

const TABLE = { schema: 'f1:test', labels: ['0-norm', 'mean "X", avg'], units: ['', 'eV'] };

describe('JSON_LINES', () => {
  it('starts with schema, labels and units', () => {
    expect(JSON.parse(JSON_LINES.header(TABLE))).toEqual(TABLE);
    expect(JSON_LINES.header(TABLE).indexOf('\n')).toBe(JSON_LINES.header(TABLE).length - 1);
  });

  it('writes one object per line, null for NaN', () => {
    expect(JSON_LINES.row('mp-1', [1, Number.NaN, 0.1])).toBe('{"material_id":"mp-1","features":[1,null,0.1]}\n');
  });

  it('gives every finite number back bit by bit, and every id', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
        (id, values) => {
          const row = JSON.parse(JSON_LINES.row(id, values)) as { material_id: string; features: number[] };
          expect(row.material_id).toBe(id);
          // JSON has no -0.
          expect(row.features).toEqual(values.map((value) => value + 0));
        },
      ),
    );
  });
});

describe('CSV', () => {
  it('quotes what RFC 4180 wants quoted', () => {
    expect(csvField('plain')).toBe('plain');
    expect(csvField('a,b')).toBe('"a,b"');
    expect(csvField('say "x"')).toBe('"say ""x"""');
    expect(csvField('two\nlines')).toBe('"two\nlines"');
    expect(CSV.header(TABLE)).toBe('material_id,0-norm,"mean ""X"", avg"\n');
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', '"\'\r=1"'],
    ['\n=1', '"\'\n=1"'],
    ['＝1', "'＝1"],
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ['mp-1', 'mp-1'],
    ["'=1", "'=1"],
  ])('lets no text become a formula: %j', (text, field) => {
    expect(csvField(text)).toBe(field);
    expect(CSV.row(text, [-1.5])).toBe(`${field},-1.5\n`);
  });

  it('leaves unknown values empty', () => {
    expect(CSV.row('a,b', [Number.NaN, 1e-7, Number.NaN])).toBe('"a,b",,1e-7,\n');
  });

  it('keeps an id that looks like a missing value', () => {
    expect(CSV.row('null', [1])).toBe('null,1\n');
  });
});
