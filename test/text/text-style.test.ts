import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLAIN, styleOf, wrapped } from '../../src/text/text-style.ts';

const terminal = (colours: boolean) => ({ isTTY: true, columns: 60, hasColors: () => colours });

describe('styleOf', () => {
  it('paints on a terminal that has colours, and never in a file or pipe', () => {
    expect(styleOf(terminal(true)).paint('red', 'x')).toBe('\u001b[31mx\u001b[39m');
    expect(styleOf(terminal(false)).paint('red', 'x')).toBe('x');
    expect(styleOf({ ...terminal(true), isTTY: false })).toBe(PLAIN);
  });
});

describe('wrapped', () => {
  it('breaks at spaces and indents', () => {
    expect(wrapped('  label   one two three', 14, 10)).toBe('  label   one\n          two\n          three');
    expect(wrapped('  label   one', Number.POSITIVE_INFINITY, 10)).toBe('  label   one');
  });

  it('fits the columns and keeps the words', () => {
    const words = fc.array(fc.stringMatching(/^[a-z\d.,()]{1,20}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 30, max: 90 }), (all, columns) => {
        const text = wrapped(`  name    ${all.join('  ')}`, columns, 10);
        expect(text.split('\n').filter((row) => row.length > columns)).toEqual([]);
        expect(text.trim().split(/\s+/)).toEqual(['name', ...all]);
      }),
    );
  });
});
