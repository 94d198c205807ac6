import { describe, expect, it } from 'vitest';
import { columnTitle } from '../../../src/formats/tables/modulus-unit.ts';
import { describeColumns, findColumns } from '../../../src/formats/tables/table-columns.ts';
import { MODULUS_UNITS, toGigapascal } from '../../../src/model/input-units.ts';

const found = (...header: string[]) => describeColumns(findColumns(header));

describe('columns by their usual titles', () => {
  it.each([
    ['material_id,G_VRH,K_VRH', 'id=material_id, g=G_VRH [GPa], k=K_VRH [GPa]'],
    ['mp_id,shear_modulus,bulk_modulus,cif', 'id=mp_id, g=shear_modulus [GPa], k=bulk_modulus [GPa], structure=cif'],
    ['ID,Shear Modulus (GPa),Bulk Modulus (GPa)', 'id=ID, g=Shear Modulus (GPa) [GPa], k=Bulk Modulus (GPa) [GPa]'],
    ['structure,log10(G_VRH)', 'g=log10(G_VRH) [log10(GPa)], structure=structure'],
    ['structure,log_kvrh', 'k=log_kvrh [log10(GPa)], structure=structure'],
    ['jid,bulk_modulus.vrh,shear_modulus.vrh', 'id=jid, g=shear_modulus.vrh [GPa], k=bulk_modulus.vrh [GPa]'],
    ['G_Reuss,G_Voigt,G_VRH,K_VRH,formula', 'id=formula, g=G_VRH [GPa], k=K_VRH [GPa]'],
    ['id,G (Reuss),G (VRH),K [a.u.]', 'id=id, g=G (VRH) [GPa]'],
    [',g,k', 'id=(untitled), g=g [GPa], k=k [GPa]'],
    ['name,G [kbar],K, kbar', 'id=name, g=G [kbar] [kbar], k=K [GPa]'],
    [
      'id,band_gap,elastic_tensor_original,space_group',
      'id=id, elastic_tensor=elastic_tensor_original, space_group, band_gap',
    ],
    ['id,volume,density,nsites', 'id=id'],
  ])('%s', (header, said) => expect(found(...header.split(','))).toBe(said));

  it('are told from those that the user names', () => {
    const columns = { id: 'code', g: 'my "G"', structure: 'x' };
    expect(describeColumns(findColumns(['id', 'code', 'my "G"', 'k', 'x'], { columns, unit: 'Pa' }))).toBe(
      'id=code, g=my "G" [Pa], k=k [Pa], structure=x, code',
    );
  });
});

describe('columnTitle', () => {
  it.each([
    ['G_VRH', 'G_VRH', undefined],
    ['G_VRH [kbar]', 'G_VRH', 'kbar'],
    ['G_VRH_GPa', 'G_VRH', 'GPa'],
    ['shear modulus / GPa', 'shear modulus', 'GPa'],
    ['K (MPa)', 'K', 'MPa'],
    ['K (Mbar)', 'K', 'Mbar'],
    ['K [eV/Å^3]', 'K', 'eV/A^3'],
    ['K, Pa', 'K', 'Pa'],
    ['log10(K_VRH)', 'K_VRH', 'log10(GPa)'],
    ['log10 (K / GPa)', 'K', 'log10(GPa)'],
    ['log_gvrh', 'gvrh', 'log10(GPa)'],
    ['log10(K [kbar])', 'log10(K [kbar])', undefined],
    ['logo', 'logo', undefined],
    [`G${' '.repeat(1e5)}(`, `G${' '.repeat(1e5)}(`, undefined],
    ['K [a.u.]', 'K [a.u.]', undefined],
    ['G (Reuss)', 'G (Reuss)', undefined],
  ])('%s', (title, name, unit) => expect(columnTitle(title)).toEqual({ name, ...(unit && { unit }) }));
});

describe('toGigapascal', () => {
  it('turns 1 of each unit, and kbar without a rounding error', () => {
    expect(MODULUS_UNITS.map((unit) => toGigapascal(1, unit))).toEqual([1, 0.1, 100, 1e-3, 1e-9, 160.2176634, 10]);
    expect(toGigapascal(123, 'kbar')).toBe(12.3);
  });
});
