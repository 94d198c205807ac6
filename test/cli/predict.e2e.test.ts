import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scratchDirectory } from '../../deploy/local/scratch.ts';
import { runCli } from '../support/cli.ts';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';
import { programWithoutChdb } from '../support/without-chdb.ts';

const STRUCTURES = fileURLToPath(new URL('../fixtures/structures', import.meta.url));
const SILICON = join(STRUCTURES, 'accepted', 'silicon.poscar');

describeWithLightGbm('elastream predict', () => {
  const tiny = tinyCampaign();
  const scratch = scratchDirectory();
  beforeAll(async () => void (await tiny.run()));
  afterAll(async () => {
    await tiny.remove();
    await scratch.remove();
  });

  it('prints a table for people, without chdb and LightGBM', () => {
    const { code, stdout, stderr } = programWithoutChdb(scratch.path)(['predict', tiny.directory, SILICON]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [said, warned, , header, row] = stdout.split('\n');
    expect(warned).toBe('the STDEV is no error bar, and the campaign has no reserve that would calibrate it');
    expect(said).toBe('mean ± STDEV of the 3 members of tiny, round 3, trained on 55 labels');
    expect(header).toMatch(/^material {2}formula +G \(GPa\) +K \(GPa\) +E \(GPa\) +Poisson +K\/G +H Chen/);
    expect(row).toMatch(/^silicon +Si +\d+\.\d ± \d+\.\d +\d+\.\d ± \d/);
    expect(header!.indexOf('K/G')).toBe(row!.search(/\d\.\d\d ± \d\.\d\d/));
  });

  it('says where a structure lies outside the training domain, and why', async () => {
    const polonium = { material_id: 'po', lattice: [3.36, 3.36, 3.36], species: ['Po'], frac_coords: [[0, 0, 0]] };
    const [a, b, c] = polonium.lattice;
    const line = JSON.stringify({ ...polonium, lattice: [[a, 0, 0], [0, b, 0], [0, 0, c]] }); // biome-ignore format: a matrix
    const table = await runCli(['predict', tiny.directory, '-'], { stdin: line });
    expect(table).toMatchObject({ code: 0, stderr: '' });
    expect(table.stdout).toMatch(
      /\n {2}! outside the training domain: no training material holds Po; \d+ features are/,
    );
    const json = await runCli(['predict', tiny.directory, '-', '--json'], { stdin: line });
    const found = JSON.parse(json.stdout);
    expect(found).toMatchObject({ material_id: 'po', outside_training_domain: true, new_elements: ['Po'] });
    for (const { label, value, minimum, maximum } of found.features_out_of_range) {
      expect([label, value < minimum || value > maximum]).toEqual([label, true]);
    }
  });

  it('does not say so of what it was trained on', async () => {
    const { stdout } = await runCli(['predict', tiny.directory, join(dirname(tiny.file), 'data.jsonl'), '--json']);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.length).toBe(200);
    const inside = rows.filter((row) => !row.outside_training_domain && row.features_out_of_range.length === 0);
    expect(inside.length).toBeGreaterThanOrEqual(55);
    expect(rows.every((row) => row.g_vrh.stdev >= 0 && row.campaign === 'tiny' && row.round === 3)).toBe(true);
  });

  it('names what it cannot use and goes on; with nothing to use it fails', async () => {
    const output = join(scratch.path, 'out.jsonl');
    const mixed = await runCli(['predict', tiny.directory, STRUCTURES, '--json', '-o', output]);
    expect(mixed).toMatchObject({ code: 0, stdout: '' });
    const lines = readFileSync(output, 'utf8').trimEnd().split('\n');
    expect(mixed.stderr).toContain('occupancy of site "Na1" is 0.5, not 1');
    expect(mixed.stderr.trimEnd().split('\n').at(-1)).toMatch(new RegExp(`^${lines.length} predicted, \\d+ rejected$`));
    const none = await runCli(['predict', tiny.directory, join(STRUCTURES, 'rejected', 'no_sites.cif')]);
    expect(none).toMatchObject({ code: 2, stdout: '' });
    expect(none.stderr).toMatch(/^rejected .*no_sites.cif.*\nelastream: no structure could be used/);
  });

  it('writes CSV and JSON lines as the output is named, with the numbers of --json', async () => {
    const at = (name: string) => join(scratch.path, name);
    const predict = (...args: string[]) => runCli(['predict', tiny.directory, SILICON, ...args]);
    const json = await predict('--json');
    expect(await predict('-o', at('x.csv'))).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const [header, row] = readFileSync(at('x.csv'), 'utf8').split('\n');
    const cells = Object.fromEntries(header!.split(',').map((name, i) => [name, row!.split(',')[i]]));
    const wanted = JSON.parse(json.stdout);
    expect(cells).toMatchObject({
      material_id: 'silicon',
      formula: 'Si',
      campaign: 'tiny',
      round: '3',
      mean_g_vrh: String(wanted.g_vrh.mean),
      stdev_k_vrh: String(wanted.k_vrh.stdev),
      mean_vickers_hardness_tian: String(wanted.vickers_hardness.tian.mean),
      outside_training_domain: String(wanted.outside_training_domain),
    });
    await predict('-o', at('x.jsonl.gz'));
    expect(gunzipSync(readFileSync(at('x.jsonl.gz'))).toString()).toBe(json.stdout);
    expect(await predict('-o', at('x.pdf'))).toMatchObject({ code: 2, stderr: expect.stringContaining('.txt, .csv') });
    expect((await predict('--format', 'csv')).stdout).toBe(readFileSync(at('x.csv'), 'utf8'));
  });

  it('refuses an output that is also an input, and a directory without a campaign', async () => {
    const same = await runCli(['predict', tiny.directory, SILICON, '-o', SILICON]);
    expect(same).toMatchObject({ code: 2, stderr: expect.stringContaining('is both input and output') });
    const nothing = await runCli(['predict', scratch.path, SILICON]);
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining('holds no campaign') });
  });
});
