import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openFileSource } from '../../../../src/adapters/sources/files/file-source.ts';
import { moduliOfTensor } from '../../../../src/learning/data/tensor-moduli.ts';
import type { SourceItem } from '../../../../src/ports/material-source.ts';
import { IONIC, MODULI, outcarText, TOTAL } from '../../../support/runs/outcar-text.ts';
import { vasprunText } from '../../../support/runs/vasprun-text.ts';
import { itWithShared } from '../../../support/shared-data.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'elastream-runs-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

async function read(path: string): Promise<SourceItem[]> {
  const source = await openFileSource(path, { moduliOf: moduliOfTensor });
  const items: SourceItem[] = [];
  for await (const item of source.read()) items.push(item);
  return items;
}

const ELASTIC = outcarText({ ibrion: 6, moduli: { [IONIC]: MODULI, [TOTAL]: MODULI } });
const POSCAR = 'x\n1.0\n4 0 0\n0 4 0\n0 0 4\nNa\n1\nDirect\n0 0 0\n';

it('the folder of a run names its material, whose label follows from the tensor', async () => {
  write('elastic/mp-1/OUTCAR.gz', gzipSync(ELASTIC));
  for (const name of ['POSCAR', 'CONTCAR', 'INCAR', 'vasprun.xml']) write(`elastic/mp-1/${name}`, POSCAR);
  const [item, ...others] = await read(join(folder, 'elastic'));
  expect(others).toEqual([]);
  if (item?.kind !== 'material') throw new Error(JSON.stringify(item));
  expect(item.material.id).toBe('mp-1');
  expect(item.label).toMatchObject({
    method: { kind: 'dft', code: 'VASP 6.3.2', functional: 'PBE', relaxedIon: true },
    values: { k_vrh: expect.closeTo(100, 10), energy_per_atom: -3.25 },
    units: { energy_per_atom: 'eV/atom' },
  });
  // Voigt: (600 - 150 + 3 (44 + 55 + 66)) / 15 = 63; Reuss: 15 / (12 / 150 + 3 (1 / 44 + 1 / 55 + 1 / 66)).
  const reuss = 15 / (12 / 150 + 3 * (1 / 44 + 1 / 55 + 1 / 66));
  expect(item.label!.values.g_vrh).toBeCloseTo((63 + reuss) / 2, 9);
});

it('a run that is not converged is refused, and its input is no material instead', async () => {
  write('open/mp-2/OUTCAR', outcarText({ steps: [{ ending: 'not reached' }] }));
  write('open/mp-2/POSCAR', POSCAR);
  write('open/mp-3/vasprun.xml', vasprunText().slice(0, 1000));
  const items = await read(join(folder, 'open'));
  expect(items.map((item) => item.kind === 'rejection' && [item.rejection.code, item.rejection.materialId])).toEqual([
    ['unconverged', 'mp-2'],
    ['truncated', 'mp-3'],
  ]);
});

it('a structure stays where its tensor is refused', async () => {
  const unstable = ['-2000.0 500.0 500.0 0.0 0.0 0.0', ...MODULI.slice(1)];
  write('unstable/OUTCAR', outcarText({ ibrion: 6, moduli: { [TOTAL]: unstable } }));
  const items = await read(join(folder, 'unstable'));
  expect(items.map((item) => (item.kind === 'rejection' ? item.rejection.code : item.material.id))).toEqual([
    'unstable',
    'unstable_tensor',
  ]);
});

itWithShared('the sheet in a box of a real OUTCAR is refused as unstable', async (shared) => {
  const [sheet, refusal] = await read(shared('data/vasp/OUTCAR-graphene-elastic.gz'));
  expect(sheet!.kind === 'material' && sheet!.label).toBeUndefined();
  expect(refusal!.kind === 'rejection' && refusal!.rejection.code).toBe('unstable_tensor');
});

itWithShared('OUTCAR and vasprun.xml of one real run say the same', async (shared) => {
  const [outcar, vasprun] = await Promise.all(
    ['OUTCAR.JVASP-39.gz', 'vasprun.xml.JVASP-39.gz'].map((name) => read(shared(`data/vasp/${name}`))),
  );
  const [one, other] = [outcar![0], vasprun![0]];
  if (one?.kind !== 'material' || other?.kind !== 'material') throw new Error('no material');
  expect(one.material.structure).toEqual(other.material.structure);
  expect({ ...one.label, provenance: '' }).toEqual({ ...other.label, provenance: '' });
});
