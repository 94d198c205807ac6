import { describe, expect, it } from 'vitest';
import { formatOfName } from '../../src/cli/output-format.ts';

describe('formatOfName', () => {
  const formats = { csv: 'comma', jsonl: 'lines' };

  it.each([
    ['a.csv', 'comma'],
    ['a.CSV', 'comma'],
    ['folder.v2/a.b.jsonl', 'lines'],
    ['a.csv.gz', 'comma'],
    ['a.gz', 'none'],
    ['-', 'none'],
    ['/dev/stdout', 'none'],
    ['folder.v2/features', 'none'],
    ['.hidden', 'none'],
  ])('takes %s for %s', (name, format) => expect(formatOfName(name, formats, 'none')).toBe(format));

  it.each(['a.txt', 'a.csv.zip', 'a.toString', 'a.json.gz'])('refuses %s and says what there is', (name) => {
    expect(() => formatOfName(name, formats, 'none')).toThrow(/names no format: use \.csv, \.jsonl/);
  });
});
