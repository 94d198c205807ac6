import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import { assertUnits, SAYING } from '../../../src/cli/campaign/check-units.ts';

const scratch = scratchDirectory();
afterAll(() => scratch.remove());

/** Sodium cells with moduli like those of salts, GPa, times a factor. */
function file(name: string, factor: number, edge = 3.5): string {
  const path = join(scratch.path, name);
  const rows = [4, 9, 17, 26, 31, 44, 58].map((g, i) => ({
    material_id: `m${i}`,
    lattice: [
      [edge, 0, 0],
      [0, edge, 0],
      [0, 0, edge],
    ],
    species: ['Na'],
    frac_coords: [[0, 0, 0]],
    g_vrh: factor * g,
    k_vrh: 2 * factor * g,
  }));
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}

describe('assertUnits', () => {
  it('lets GPa and Angstrom pass', async () => {
    await expect(assertUnits(file('gpa.jsonl', 1), {}, SAYING.options)).resolves.toBeUndefined();
  });

  it.each([
    ['Pa', 1e9],
    ['kbar', 10],
  ] as const)('asks back on %s, though each value alone would be refused or believed', async (unit, factor) => {
    const path = file(`${unit}.jsonl`, factor);
    await expect(assertUnits(path, {}, SAYING.options)).rejects.toThrow(
      new RegExp(`half of 7 values of g_vrh .*; say which it is: --unit ${unit} to have them converted, --unit GPa to`),
    );
    await expect(assertUnits(path, { unit }, SAYING.options)).resolves.toBeUndefined();
  });

  it('asks of moduli and cells apart', async () => {
    const path = file('bohr.jsonl', 1, 3.5 * 1.8897);
    await expect(assertUnits(path, { unit: 'GPa' }, SAYING.options)).rejects.toThrow(
      '--length-unit Bohr to have them converted',
    );
    await expect(assertUnits(path, { unit: 'GPa', lengthUnit: 'Angstrom' }, SAYING.options)).resolves.toBeUndefined();
  });
});
