import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCampaign } from '../../../src/cli/run/read-campaign.ts';

const upf = (element: string, functional: string) =>
  `<PP_HEADER element="${element}" pseudo_type="NC" functional="${functional}"/>`;

describe('a campaign that calculates with Quantum ESPRESSO', () => {
  const folder = mkdtempSync(join(tmpdir(), 'elastream-espresso-campaign-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  beforeAll(() => {
    write('labels.csv', 'material_id,g_vrh,k_vrh\n');
    write('Si.UPF', upf('Si', 'PBE'));
    write('O-1.UPF', upf('O', 'PBE'));
    write('O-2.UPF', upf('O', 'PZ'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function configOf(calculator: string) {
    const text = `name: x
data: [{path: labels.csv, label_set: a}]
candidates: {from: files, paths: [labels.csv]}
acquisition: {batch: 1}
calculator: {kind: espresso, cutoff_ry: 20, ${calculator}}
`;
    write('campaign.yaml', text);
    return (await readCampaign(join(folder, 'campaign.yaml'))).config.calculator;
  }

  it('holds the hash of each file, and of how it is run nothing in them', async () => {
    const given = await configOf(`pseudopotentials: ${folder}, files: {O: O-1.UPF}`);
    if (given.kind !== 'espresso') throw new Error(given.kind);
    expect(Object.keys(given.pseudopotentials)).toEqual(['O', 'Si']);
    expect(given).toMatchObject({ kSpacing: 0.25, smearingRy: 0.02, strains: [0.01], stressMaxGpa: 0.05 });
    expect(given.execution).toMatchObject({ program: ['pw.x'], folders: { pseudopotentials: folder } });
  });

  it('keeps hashes that it says itself', async () => {
    const sha256 = 'a'.repeat(64);
    const given = await configOf(`pseudopotentials: ${folder}, sha256: {Si: ${sha256}}`);
    expect(given).toMatchObject({ pseudopotentials: { Si: sha256 } });
  });

  it.each([
    ['pseudopotentials: /nowhere/at/all', /calculator.pseudopotentials: .*\/nowhere\/at\/all: there is no such folder/],
    ['pseudopotentials: pseudo', /calculator.pseudopotentials: .*absolute path/],
    ['pseudopotentials: FOLDER, files: {O: O-3.UPF}', /calculator.files.O: .* holds no pseudopotential O-3.UPF/],
    ['pseudopotentials: FOLDER, files: {O: Si.UPF}', /Si.UPF is a pseudopotential of Si, not of O/],
    ['pseudopotentials: FOLDER, files: {O: O-2.UPF, Si: Si.UPF}', /O-2.UPF is for LDA and Si.UPF for PBE/],
    ['pseudopotentials: FOLDER, strains: [0.5]', /strains/],
  ])('is refused with %s', async (calculator, message) => {
    await expect(configOf(calculator.replace('FOLDER', folder))).rejects.toThrow(message);
  });
});
