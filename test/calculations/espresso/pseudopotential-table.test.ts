import { describe, expect, it } from 'vitest';
import { pseudopotentialTable } from '../../../src/calculations/espresso/pseudopotential-table.ts';

const file = (name: string, element: string, functional: string) => ({
  ...{ name, element, functional, path: `/p/${name}`, sha256: name.toLowerCase(), isAugmented: false },
});
const FOUND = [
  file('C.pz', 'C', 'LDA'),
  file('C.pbe', 'C', 'PBE'),
  file('O.pz-1', 'O', 'LDA'),
  file('O.pz-2', 'O', 'LDA'),
  file('Si.pz', 'Si', 'LDA'),
];
const tableOf = (files: Record<string, string>, found = FOUND) => pseudopotentialTable(found, { folder: '/p', files });

describe('pseudopotentialTable', () => {
  it('takes what is named, and what is the only one beside it', () => {
    expect(tableOf({ C: 'C.pz' })).toEqual({ sha256: { C: 'c.pz', Si: 'si.pz' } });
    expect(tableOf({ C: 'C.pz', O: 'O.pz-2' })).toEqual({ sha256: { C: 'c.pz', O: 'o.pz-2', Si: 'si.pz' } });
  });

  it('takes a folder with one of each element as it is', () => {
    expect(tableOf({}, [FOUND[0]!, FOUND[4]!])).toEqual({ sha256: { C: 'c.pz', Si: 'si.pz' } });
  });

  it.each([
    [{ C: 'C.upf' }, /holds no pseudopotential C.upf/],
    [{ C: 'Si.pz' }, /Si.pz is a pseudopotential of Si, not of C/],
    [{ C: 'C.pbe', Si: 'Si.pz' }, /C.pbe is for PBE and Si.pz for LDA/],
  ])('refuses %j', (files, message) => {
    expect(tableOf(files as unknown as Record<string, string>)).toMatchObject({
      problems: [{ message: expect.stringMatching(message) }],
    });
  });

  it('asks which of several functionals is meant', () => {
    expect(tableOf({}, [FOUND[1]!, FOUND[4]!])).toMatchObject({
      problems: [{ message: expect.stringContaining('name those that you mean in calculator.files') }],
    });
    expect(tableOf({}, [])).toMatchObject({ problems: [{ message: expect.stringContaining('/p holds no') }] });
  });
});
