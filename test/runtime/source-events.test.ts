import { describe, expect, it } from 'vitest';
import { inputRejected } from '../../src/runtime/source-events.ts';

describe('a rejection', () => {
  const rejection = { code: 'bad_number', message: 'a is not a number', source: 'f.jsonl', locator: 'line 3' } as const;

  it('has one id for one input, another for each other', () => {
    const id = inputRejected('s', rejection).id;
    expect(inputRejected('s', { ...rejection }).id).toBe(id);
    const others = [
      inputRejected('t', rejection),
      ...[{ locator: 'line 4' }, { code: 'bad_syntax' as const }, { materialId: 'mp-1' }].map((change) =>
        inputRejected('s', { ...rejection, ...change }),
      ),
    ];
    expect(new Set([id, ...others.map((other) => other.id)]).size).toBe(5);
  });
});
