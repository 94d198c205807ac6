import { describe, expect, it } from 'vitest';
import { assertOwnLabel } from '../../../src/formats/json/label-doubts.ts';
import { parseMaterialId } from '../../../src/model/material-id.ts';
import { crystal } from '../../support/crystals.ts';

const structure = crystal(
  [5, 0, 0, 0, 5, 0, 0, 0, 5],
  [
    [71, 0, 0, 0],
    [26, 0.2, 0, 0],
    [26, 0.4, 0, 0],
    [5, 0.6, 0, 0],
    [5, 0.8, 0, 0],
  ],
);
const material = { id: parseMaterialId('mp-1'), structure };

describe('assertOwnLabel', () => {
  it.each([
    { formula_pretty: 'Lu(FeB)2' },
    { formula: 'B4 Lu2 Fe4' },
    { composition: { Lu: 1, Fe: 2, B: 2 } },
    { formula: 'a name of no formula' },
    { formula: 'Lu0.5FeB' },
    { formula: 7 },
    { formula: '((((((((((Lu))))))))))' },
    { composition: { Lu: 0.5, Fe: 1, B: 1 } },
    { converged: true, state: 'successful' },
    {},
  ])('takes %j', (row) => {
    expect(() => assertOwnLabel(row, material)).not.toThrow();
  });

  it.each([
    [{ formula_pretty: 'Lu(FeB)3' }, 'composition_mismatch', 'formula_pretty of mp-1 is "Lu(FeB)3"'],
    [{ composition_reduced: { Lu: 1, Fe: 2, C: 2 } }, 'composition_mismatch', 'another composition'],
    [{ converged: false }, 'unconverged', 'converged is false of mp-1'],
    [{ state: 'failed' }, 'unconverged', 'state is "failed" of mp-1'],
  ])('refuses %j', (row, code, message) => {
    const expected = expect.objectContaining({ code, message: expect.stringContaining(message) });
    expect(() => assertOwnLabel(row, material)).toThrow(expected);
  });
});
