import { describe, expect, it } from 'vitest';
import { parseTensorFile } from '../../../src/formats/tensor/tensor-file.ts';
import { RejectedInput } from '../../../src/model/rejection.ts';
import { SILICON_CARBIDE, TRICLINIC } from '../../support/elasticity.ts';

const VOIGT_GPA = { order: 'voigt', unit: 'GPa' } as const;

function rowsOf(matrix: Float64Array): number[][] {
  return Array.from({ length: 6 }, (_, i) => Array.from(matrix.subarray(6 * i, 6 * i + 6)));
}

const FULL = rowsOf(TRICLINIC)
  .map((row) => row.join(' '))
  .join('\n');
const UPPER = rowsOf(TRICLINIC)
  .map((row, i) => row.slice(i).join(' '))
  .join('\n');
const LOWER = rowsOf(TRICLINIC)
  .map((row, i) => row.slice(0, i + 1).join(' '))
  .join('\n');

function rejection(text: string): string {
  try {
    parseTensorFile(text, VOIGT_GPA);
  } catch (error) {
    if (error instanceof RejectedInput) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('was accepted');
}

describe('parseTensorFile', () => {
  it.each([
    ['6 lines of 6', FULL],
    ['an upper triangle', UPPER],
    ['a lower triangle', LOWER],
    ['21 numbers on a line', UPPER.replaceAll('\n', ' ')],
    ['36 numbers on a line', FULL.replaceAll('\n', ' ')],
    [
      'commas, tabs, CRLF, comments and blank lines',
      `# title\r\n\r\n${FULL.replaceAll(' ', ',\t').replaceAll('\n', ' # row\r\n')}\r\n`,
    ],
    ['a JSON array', JSON.stringify(rowsOf(TRICLINIC))],
    ['a JSON object', JSON.stringify({ elastic_tensor: rowsOf(TRICLINIC) })],
    [
      "emmet's document",
      JSON.stringify({ material_id: 'mp-x', elastic_tensor: { raw: rowsOf(TRICLINIC), ieee_format: [] } }),
    ],
  ])('reads %s', (_, text) => {
    expect(parseTensorFile(text, VOIGT_GPA).tensor.stiffness).toEqual(TRICLINIC);
  });

  it("reads VASP's order and unit", () => {
    const block = [
      '5000 1000 900  11  0 0',
      '1000 5100 950  12  0 0',
      ' 900  950 5200 13  0 0',
      '  11   12  13 700  0 0',
      '   0    0   0   0 800 0',
      '   0    0   0   0   0 850',
    ].join('\n');
    const { stiffness } = parseTensorFile(block, { order: 'vasp', unit: 'kbar' }).tensor;
    expect([stiffness[0], stiffness[21], stiffness[28], stiffness[35]]).toEqual([500, 80, 85, 70]);
    expect(stiffness[5]).toBe(1.1);
    expect(stiffness[3]).toBe(0);
  });

  it('reads exponents, Fortran ones too', () => {
    const text = FULL.replace('150.2', '1.502D+02').replace('128.4', '+1.284e2');
    expect(parseTensorFile(text, VOIGT_GPA).tensor.stiffness).toEqual(TRICLINIC);
  });

  it('keeps the numbers as given beside the symmetrised ones', () => {
    const text = FULL.replace('61.3', '61.5');
    const { raw, tensor } = parseTensorFile(text, VOIGT_GPA);
    expect([raw[1], raw[6]]).toEqual([61.5, 61.3]);
    expect(tensor.stiffness[1]).toBeCloseTo(61.4, 12);
    expect(tensor.asymmetry).toBeCloseTo(0.2, 12);
  });

  const json = JSON.stringify(rowsOf(SILICON_CARBIDE));
  it.each([
    ['an empty file', '', /^missing_field: no numbers: write 6 lines/],
    ['comments only', '# nothing\n', /^missing_field/],
    ['a word', FULL.replace('55.7', 'abc'), /^bad_number: line 2: "abc" is not a number: replace it/],
    ['a label', `XX ${FULL}`, /^bad_number: line 1: "XX" is not a number: leave the row and column labels out$/],
    ['an overflow of Fortran', FULL.replace('51.3', '******'), /^bad_number: line 6: "\*{6}"/],
    ['NaN', FULL.replace('51.3', 'NaN'), /^bad_number: line 6: "NaN"/],
    ['a hexadecimal number', FULL.replace('51.3', '0x33'), /^bad_number: line 6: "0x33"/],
    ['a control character', FULL.replace('51.3', '\u001b[31m'), /^bad_number: line 6: "\\u001b\[31m"/],
    ['a missing number', FULL.replace(' 2.5\n', '\n'), /^bad_syntax: line 5: 5 numbers instead of 6/],
    ['merged numbers', FULL.replace('171.8 -2.8', '171.8-2.8'), /^bad_number: line 3: "171.8-2.8"/],
    ['a missing line', FULL.split('\n').slice(0, 5).join('\n'), /^truncated: 5 lines of numbers/],
    ['a seventh line', `${FULL}\n1 2 3 4 5 6`, /^bad_syntax: line 7: a seventh line/],
    ['millions of numbers', '1 '.repeat(1e6), /^bad_syntax: line 1: over 10000 characters/],
    ['millions of lines', '1\n'.repeat(1e6), /^bad_syntax: line 1: 1 number instead of 6/],
    ['an asymmetric tensor', FULL.replace('61.3', '6.13'), /^asymmetric_tensor: C12 = 6.13 and C21 = 61.3 GPa/],
    ['broken JSON', '{\n"elastic_tensor": [[1, 2,]]\n}', /^bad_syntax: line 2: not valid JSON/],
    ['JSON cut short', '{\n"elastic_tensor":\n[[1,', /^bad_syntax: line 3: not valid JSON/],
    ['a lone bracket', '{\n', /^bad_syntax: line 2: not valid JSON/],
    ['JSON with a comma too many', `{\n"a": [1,\n2,\n],\n"b": 2}`, /^bad_syntax: line 4: not valid JSON/],
    ['JSON without a tensor', '{"a": 1}', /^missing_field: the JSON object has no elastic_tensor/],
    ['a rounded tensor only', '{"elastic_tensor": {"ieee_format": []}}', /^missing_field: .*add raw/],
    ['a JSON array of 5', '[1,2,3,4,5]', /^bad_syntax: the tensor is an array of 5/],
    ['a short JSON row', json.replace(',0,0,0]', ',0,0]'), /^bad_syntax: row \[0\]: 5 entries/],
    ['null in JSON', json.replace('383.887', 'null'), /^bad_number: entry \[0\]\[0\]: "null" is not a finite number/],
    [
      'deep nesting in JSON',
      json.replace('383.887', `${'['.repeat(1e6)}${']'.repeat(1e6)}`),
      /^bad_number: entry \[0\]\[0\]: a list or object is not/,
    ],
    ['text in JSON', json.replace('383.887', '"383.887"'), /^bad_number: entry \[0\]\[0\]/],
  ])('refuses %s', (_, text, message) => {
    expect(rejection(text)).toMatch(message);
  });
});
