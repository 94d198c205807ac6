import { expect, it } from 'vitest';
import { parseJsonDocument } from '../../../src/formats/json/parse-json-document.ts';

/** A database as ase.db of ASE 3.29 writes it. */
const DATABASE = `{"1": {
 "calculator": "vasp",
 "cell": {"array": {"__ndarray__": [[3, 3], "float64", [0.0, 2.8, 2.8, 2.8, 0.0, 2.8, 2.8, 2.8, 0.0]]}, "__ase_objtype__": "cell"},
 "energy": -6.5,
 "key_value_pairs": {"g_vrh": 14.5, "band_gap": 5.0, "name": "salt", "relaxed": true},
 "numbers": {"__ndarray__": [[2], "int64", [11, 17]]},
 "pbc": {"__ndarray__": [[3], "bool", [true, true, true]]},
 "positions": {"__ndarray__": [[2, 3], "float64", [0.0, 0.0, 0.0, 2.8, 2.8, 2.8]]}},
"4": {
 "cell": [[4, 0, 0], [0, 4, 0], [0, 0, 4]],
 "key_value_pairs": {"material_id": "mp-149"},
 "numbers": [14],
 "positions": [[2, 0, 0]]},
"ids": [1, 4],
"nextid": 5}
`;

it("rows of ASE's JSON give structure, energy per atom and every number that they name", () => {
  const [salt, silicon] = Array.from(parseJsonDocument(DATABASE, 'db'), (entry) => entry.parse());
  expect(salt!.material.id).toBe('db#1');
  expect(Array.from(salt!.material.structure.atomicNumbers)).toEqual([11, 17]);
  expect(salt!.label).toEqual({
    method: { kind: 'dft', code: 'vasp' },
    values: { energy_per_atom: -3.25, g_vrh: 14.5, band_gap: 5 },
    units: { energy_per_atom: 'eV/atom', band_gap: 'eV' },
  });
  expect([silicon!.material.id, Array.from(silicon!.material.structure.fracCoords), silicon!.label]).toEqual([
    'mp-149',
    [0.5, 0, 0],
    undefined,
  ]);
});

it.each(['material_id', 'mp_id', 'MPID', 'jid', 'identifier'])('takes the id that a row names as %s', (key) => {
  const named = DATABASE.replace('"material_id": "mp-149"', `"${key}": "mp-149", "formula": "Si"`);
  const [, silicon] = Array.from(parseJsonDocument(named, 'db'), (entry) => entry.parse());
  expect(silicon!.material.id).toBe('mp-149');
});
