import { describe, expect, it } from 'vitest';
import { RECORD_TEXTS } from '../../../src/adapters/writers/record-text.ts';
import type { RecordColumn } from '../../../src/model/record-column.ts';

const COLUMNS: RecordColumn[] = [
  { name: 'id', type: 'text' },
  { name: 'mean, GPa', type: 'number' },
  { name: 'rank', type: 'whole' },
];

describe('CSV records', () => {
  const { header, record } = RECORD_TEXTS.csv;

  it('quotes texts and names as RFC 4180 says, and leaves what is not known empty', () => {
    expect(header(COLUMNS)).toBe('id,"mean, GPa",rank\n');
    expect(record(COLUMNS, ['a,"b"', 0.1, 3])).toBe('"a,""b""",0.1,3\n');
    expect(record(COLUMNS, [null, Number.NaN, null])).toBe(',,\n');
  });

  it('keep a negative number a number, and let no text become a formula', () => {
    expect(record(COLUMNS, ['=cmd', -0.5, -3])).toBe("'=cmd,-0.5,-3\n");
  });
});

describe('JSON lines of records', () => {
  const { header, record } = RECORD_TEXTS.jsonl;

  it('are an object each, null for what is not known', () => {
    expect(header(COLUMNS)).toBe('');
    expect(record(COLUMNS, ['a "b"', 0.1, null])).toBe('{"id":"a \\"b\\"","mean, GPa":0.1,"rank":null}\n');
    expect(record(COLUMNS, [null, Number.NaN, 3])).toBe('{"id":null,"mean, GPa":null,"rank":3}\n');
  });
});
