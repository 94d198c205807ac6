import { describe, expect, it } from 'vitest';
import { parsePoscar } from '../../../src/formats/poscar/parse-poscar.ts';
import { elementSymbol } from '../../../src/model/element-symbols.ts';

const CELL = ['4 0 0', '0 5 0', '0 0 6'];
const poscar = (...lines: (string | readonly string[])[]) => parsePoscar(`${lines.flat().join('\n')}\n`);
const symbols = (structure: ReturnType<typeof parsePoscar>) =>
  Array.from(structure.atomicNumbers, elementSymbol).join(' ');

describe('POSCAR', () => {
  it('takes three scale factors, for the cell and for Cartesian positions', () => {
    const { lattice, fracCoords } = poscar('x', '2 1 0.5', CELL, 'Na', '1', 'Cartesian', '1 2.5 3');
    expect(Array.from(lattice.matrix)).toEqual([8, 0, 0, 0, 5, 0, 0, 0, 3]);
    expect(Array.from(fracCoords)).toEqual([0.25, 0.5, 0.5]);
  });

  it('scales Cartesian positions with the cell where the scale is a volume', () => {
    const { lattice, fracCoords } = poscar('x', '-960 ', CELL, 'Na', '1', 'kartesisch', '1 2.5 3');
    expect(lattice.volume).toBeCloseTo(960, 9);
    for (const [i, x] of Array.from(fracCoords).entries()) expect(x).toBeCloseTo([0.25, 0.5, 0.5][i]!, 12);
  });

  it('takes the elements of VASP 4 from the comment, or from the ends of the position lines', () => {
    expect(symbols(poscar('Na Cl', '1', CELL, '1 2', 'D', '0 0 0', '.5 .5 .5', '.5 0 0'))).toBe('Na Cl Cl');
    expect(symbols(poscar('salt', '1', CELL, '1 1', 'D', '0 0 0 Na', '.5 .5 .5 Cl'))).toBe('Na Cl');
    expect(symbols(poscar('salt', '1', CELL, '1 1', 'S', 'D', '0 0 0 T T T Na', '.5 .5 .5 F F F F'))).toBe('Na F');
    for (const comment of ['Na', 'Na Cl K', 'NaCl', '']) {
      const reading = () => poscar(comment, '1', CELL, '1 1', 'D', '0 0 0', '.5 .5 .5');
      expect(reading).toThrow(expect.objectContaining({ code: 'missing_field' }));
    }
  });

  it('reads symbols and counts that VASP wraps, zero counts and repeated symbols', () => {
    const structure = poscar(
      '',
      '1',
      CELL,
      'Fe Cr Fe',
      ' Ni O',
      '1 0 1',
      ' 1 0',
      'Direct',
      '0 0 0',
      '.5 0 0',
      '0 .5 0',
    );
    expect(symbols(structure)).toBe('Fe Fe Ni');
  });

  it('reads CRLF, tabs, Fortran exponents, a comment behind the scale, and ignores what follows the positions', () => {
    const text =
      'x\r\n1.0D0 scale\r\n4\t0\t0\r\n0 5 0\r\n0 0 6\r\nNa_pv/abc\r\n1 ! one\r\nDirect\r\n5.d-1 +.5 -5E-1\r\n\r\nrubbish';
    const structure = parsePoscar(text);
    expect(Array.from(structure.fracCoords)).toEqual([0.5, 0.5, -0.5]);
  });

  it.each([
    ['1 2', 'bad_syntax', 'line 2'],
    ['one', 'bad_syntax', 'line 2'],
    ['1 -1 1', 'bad_lattice', 'line 2'],
  ])('refuses the scale %j', (scale, code, locator) => {
    expect(() => poscar('x', scale, CELL, 'Na', '1', 'D', '0 0 0')).toThrow(expect.objectContaining({ code, locator }));
  });
});
