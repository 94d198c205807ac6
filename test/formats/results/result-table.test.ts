import { describe, expect, it } from 'vitest';
import { csvOfText } from '../../../src/adapters/sources/files/csv-records.ts';
import { resultColumns } from '../../../src/formats/results/result-columns.ts';
import { resultRows } from '../../../src/formats/results/result-table.ts';
import type { TableOptions } from '../../../src/model/table-options.ts';
import type { TargetDefinition } from '../../../src/model/target.ts';

const TARGETS: readonly TargetDefinition[] = [
  { name: 'g_vrh', unit: 'GPa', transform: 'none' },
  { name: 'k_vrh', unit: 'GPa', transform: 'none' },
  { name: 'gap', unit: '', transform: 'none' },
];
const HEADER = resultColumns(TARGETS).join(',');

/** The rows in short, or why the table cannot be read. */
async function read(text: string, table?: TableOptions): Promise<string[]> {
  const said: string[] = [];
  try {
    for await (const { locator, materialId, result, problem } of resultRows(csvOfText(text), TARGETS, { table })) {
      if (problem) {
        said.push(`${locator}: ${problem.code}: ${problem.message}`);
        continue;
      }
      const { isEmpty, failure, attempt, values } = result!;
      const of = values.map(({ target, value }) => `${target} ${value}`).join(' ');
      const which = attempt === undefined ? '' : ` #${attempt}`;
      said.push(`${locator}: ${materialId} ${isEmpty ? 'empty' : (failure ?? of)}${which}`);
    }
  } catch (error) {
    said.push(`${(error as { code: string }).code}: ${(error as Error).message}`);
  }
  return said;
}

describe('resultRows', () => {
  it('takes the columns in any order, with and without their units, between what is not known', async () => {
    expect(HEADER).toBe('material_id,g_vrh (GPa),k_vrh (GPa),gap,failed,notes,file,attempt,calculation');
    expect(await read(`${HEADER}\nmp-1,1.5,2,,,,,1,\nmp-2,,,,no scf,,,2,\nmp-3,,,,no,,,,\n`)).toEqual([
      'line 2: mp-1 g_vrh 1.5 k_vrh 2 #1',
      'line 3: mp-2 no scf #2',
      'line 4: mp-3 empty',
    ]);
    expect(await read('Comment;K_VRH [GPa];material_id\n"a;b";1e2;mp-1\n')).toEqual(['line 2: mp-1 k_vrh 100']);
    expect(await read('\ufeffmaterial_id\tgap\r\n\r\nmp-1\t-.5\r\n')).toEqual(['line 3: mp-1 gap -0.5']);
  });

  it.each<[string, string, string]>([
    ['an empty file', '', 'missing_field: the file is empty'],
    [
      'no id',
      'formula,g_vrh\nSi,1\n',
      'missing_field: there is no column material_id: there are "formula", "g_vrh"; --columns id=TITLE names it',
    ],
    [
      'no target',
      'material_id,H\nmp-1,1\n',
      'missing_field: there is none of the columns g_vrh (GPa), k_vrh (GPa), gap, failed',
    ],
    ['another unit', 'material_id,g_vrh (eV)\nmp-1,1\n', 'out_of_range: column "g_vrh (eV)": give values in GPa'],
    ['a unit of none', 'material_id,gap (kbar)\nmp-1,1\n', 'out_of_range: column "gap (kbar)": give values in no unit'],
    ['a column twice', 'material_id,failed,failed\n', 'bad_syntax: column "failed" is given twice'],
    ['a target twice', 'material_id,g_vrh,g_vrh (GPa)\n', 'bad_syntax: columns "g_vrh" and "g_vrh (GPa)": keep one'],
    ['a quote that is open', 'material_id,g_vrh\n"mp-1,1\n', 'truncated: line 2: a quote that opens is never closed'],
    [
      'a decimal comma',
      'material_id;g_vrh\nmp-1;12,5\n',
      'line 2: bad_number: g_vrh of mp-1 is "12,5", which has a decimal comma; write 12.5, or say --decimal comma',
    ],
    [
      'one in a table with commas',
      'material_id,g_vrh\nmp-1,12,5\n',
      'line 2: bad_syntax: the line has 3 fields, and there are 2 columns',
    ],
    [
      'a Fortran overflow',
      'material_id,g_vrh\nmp-1,*****\n',
      'line 2: bad_number: g_vrh of mp-1 is "*****", which is no number',
    ],
    ['NaN', 'material_id,g_vrh\nmp-1,NaN\n', 'line 2: bad_number: g_vrh of mp-1 is "NaN"'],
    [
      'both',
      'material_id,g_vrh,failed\nmp-1,1,no scf\n',
      'line 2: bad_syntax: mp-1 has values, and "no scf" under failed',
    ],
    ['no material', 'material_id,g_vrh\n,1\n', 'line 2: missing_field: material_id is empty'],
  ])('says what is wrong: %s', async (_, text, message) => {
    const [said, ...others] = await read(text);
    expect([said, others]).toEqual([expect.stringContaining(message), []]);
  });

  it('finds usual titles, in their units, as other tables have them', async () => {
    const rows = 'mp-1,100,2.5\n';
    expect(await read(`ID,shear modulus [kbar],log10(K_VRH)\n${rows}`)).toEqual([
      `line 2: mp-1 g_vrh 10 k_vrh ${10 ** 2.5}`,
    ]);
    expect(await read(`mp_id,G_VRH,K_VRH\n${rows}`)).toEqual(['line 2: mp-1 g_vrh 100 k_vrh 2.5']);
    expect(await read(`material_id,g_vrh (kbar),K_VRH_GPa\n${rows}`)).toEqual(['line 2: mp-1 g_vrh 10 k_vrh 2.5']);
    // The exact title goes before another that could be meant.
    expect(await read(`id,material_id,shear modulus,g_vrh (GPa)\n7,mp-1,2.5,3\n`)).toEqual(['line 2: mp-1 g_vrh 3']);
  });

  it('is told what titles do not say', async () => {
    const table = { columns: { id: 'what', k: 'B' }, unit: 'kbar', decimal: 'comma' } as const;
    expect(await read('what;B;G\nmp-1;12,5;1\n', table)).toEqual(['line 2: mp-1 g_vrh 0.1 k_vrh 1.25']);
    expect(await read('what;B\nmp-1;12\n', { columns: { k: 'C' } })).toEqual([
      expect.stringContaining('missing_field: there is no column "C" for k; there are "what", "B"'),
    ]);
  });

  it('asks back where numbers look like another unit that no title says', async () => {
    const rows = Array.from({ length: 9 }, (_, i) => `mp-${i},${900 + i}\n`).join('');
    expect(await read(`id,G_VRH\n${rows}`)).toEqual([
      expect.stringMatching(/^out_of_range: column "G_VRH" has a median of 904 .* say --unit kbar/),
    ]);
    expect(await read(`id,G_VRH\n${rows}`, { unit: 'kbar' })).toHaveLength(9);
    expect(await read(`id,g_vrh (GPa)\n${rows}`)).toHaveLength(9);
  });

  it('takes the good rows beside bad ones', async () => {
    expect((await read('material_id,g_vrh\nmp-1,x\nmp-2,7\n')).at(-1)).toBe('line 3: mp-2 g_vrh 7');
  });
});
