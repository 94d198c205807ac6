import { describe, expect, it } from 'vitest';
import { nameProblem, textProblem } from '../../src/model/given-name.ts';

describe('a name', () => {
  it('may be any text of some length', () => {
    for (const name of ['mp-1', 'données/été@sha256:0#known', '\u{1f48e}', 'x'.repeat(1024)]) {
      expect(nameProblem(name)).toBeUndefined();
    }
  });

  it.each([
    ['', 'is empty'],
    ['a\u0000', 'holds a control character'],
    ['a\u009f', 'holds a control character'],
    ['\ud800', 'is not valid Unicode (a lone surrogate)'],
    ['x'.repeat(1025), 'has 1025 bytes; at most 1024 are allowed'],
    ['\u{1f48e}'.repeat(257), 'has 1028 bytes; at most 1024 are allowed'],
  ])('%j is none', (text, problem) => {
    expect(nameProblem(text)).toBe(problem);
  });

  it('is told from a text that may be empty', () => {
    expect(textProblem('')).toBeUndefined();
    expect(textProblem('12345', 4)).toBe('has 5 bytes; at most 4 are allowed');
  });
});
