import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../deploy/local/scratch.ts';
import { readCampaign } from '../../src/cli/run/read-campaign.ts';
import { runCli } from '../support/cli.ts';
import { cifText, type ExampleRow } from '../support/structure-files.ts';

const scratch = scratchDirectory();
afterAll(() => scratch.remove());
const cwd = scratch.path;
const at = (...names: string[]) => join(cwd, ...names);

const ROWS = gunzipSync(readFileSync('examples/elastic-tensor-2015.jsonl.gz'))
  .toString('utf8')
  .split('\n', 400)
  .map((line) => JSON.parse(line) as ExampleRow)
  .filter(({ species }) => species.length <= 8)
  .slice(0, 70);
const LABELLED = ROWS.slice(0, 60);

/** A table of the labelled rows, K and G in a unit. */
function tableOf(header: string, factor = 1): string {
  const rows = LABELLED.map(({ material_id: id, g_vrh: g, k_vrh: k }) => `${id},${g * factor},${k * factor}\n`);
  return `${header}\n${rows.join('')}`;
}

beforeAll(() => {
  mkdirSync(at('cifs'));
  for (const row of ROWS) writeFileSync(at('cifs', `${row.material_id}.cif`), cifText(row));
  mkdirSync(at('known'));
  for (const row of LABELLED) writeFileSync(at('known', `${row.material_id}.cif`), cifText(row));
  mkdirSync(at('tables'));
  writeFileSync(at('tables', 'moduli.csv'), tableOf('material_id,G_VRH,K_VRH'));
  writeFileSync(at('tables', 'kbar.csv'), tableOf('id,g,k', 10));
});

describe('elastream init --data', () => {
  it('says what a table beside a folder of CIF files holds, and writes a campaign that runs', async () => {
    const result = await runCli(['init', '--data', 'tables/moduli.csv', 'known', '-o', 'mine.yaml'], { cwd });
    expect(result).toMatchObject({ code: 0, stdout: '' });
    expect(result.stderr.split('\n')).toEqual([
      'tables/moduli.csv: 60 materials with structures, 60 labels',
      '  columns id=material_id, g=G_VRH [GPa], k=K_VRH [GPa]; structures of known',
      expect.stringMatching(
        /^ {2}G {2}60 values: min [\d.]+, median [\d.]+, max [\d.]+ GPa {2}[\d.]+ \|.{24}\| [\d.]+$/,
      ),
      expect.stringMatching(/^ {2}K {2}60 values: min \d+/),
      'known: 60 materials with structures, 0 labels',
      'a campaign of up to 24 calculations, 3 at a time: half of the labels are hidden, to see how fast they are found again',
      'wrote mine.yaml; next: elastream run mine.yaml',
      '',
    ]);
    const text = readFileSync(at('mine.yaml'), 'utf8');
    writeFileSync(at('mine.yaml'), text.replace('#  members: 20', '  members: 4 ').replace('labels: 24', 'labels: 6 '));
    const run = await runCli(['run', 'mine.yaml', '--dir', 'mine', '--json'], { cwd });
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toContain('moduli.csv: columns id=material_id, g=G_VRH [GPa], k=K_VRH [GPa]; structures of ');
    const rounds = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { labels: number });
    expect(rounds).toHaveLength(3);
    expect(rounds.at(-1)!.labels - rounds[0]!.labels).toBe(6);
    const again = await runCli(['run', 'mine.yaml', '--dir', 'mine'], { cwd });
    expect(again.code, again.stderr).toBe(0);
  });

  it('finds the folder by itself, and makes what has no label the candidates', async () => {
    writeFileSync(
      at('moduli.csv'),
      tableOf('mp_id;shear modulus (GPa);bulk modulus (GPa)').replaceAll(/,(?=[^\n]*\n)/g, ';'),
    );
    const { code, stderr } = await runCli(['init', 'open.yaml', '--data', 'moduli.csv'], { cwd });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('structures of cifs');
    expect(stderr).toContain('cifs: 70 materials with structures, 0 labels, 10 without a label');
    const { config } = await readCampaign(at('open.yaml'));
    expect(config).toMatchObject({
      name: 'open',
      data: [{ path: 'moduli.csv', structures: 'cifs' }],
      candidates: { from: 'files', paths: ['cifs'] },
      stop: { labels: 10 },
      calculator: { kind: 'manual' },
    });
  });

  it('leads to a campaign that asks for calculations and is told of them', async () => {
    const text = readFileSync(at('open.yaml'), 'utf8');
    writeFileSync(
      at('open.yaml'),
      text.replace('#  members: 20', '  members: 4 ').replace('  batch: 1 ', '  batch: 2 '),
    );
    const run = await runCli(['run', 'open.yaml', '--dir', 'open'], { cwd });
    expect(run.code, run.stderr).toBe(0);
    const ask = await runCli(['ask', '--dir', 'open', '-o', 'next'], { cwd });
    expect(ask.code, ask.stderr).toBe(0);
    const [header, ...rows] = readFileSync(at('next', 'results.csv'), 'utf8').trim().split(/\r?\n/);
    const titles = header!.split(',');
    const filled = rows.map((row) =>
      row
        .split(',')
        .map((cell, i) => (/^[gk]_vrh/.test(titles[i]!) ? '42' : cell))
        .join(','),
    );
    expect(filled).toHaveLength(2);
    writeFileSync(at('next', 'results.csv'), `${[header, ...filled].join('\n')}\n`);
    const tell = await runCli(['tell', '--dir', 'open', 'next/results.csv'], { cwd });
    expect(tell.code, tell.stderr).toBe(0);
    const on = await runCli(['run', 'open.yaml', '--dir', 'open'], { cwd });
    expect(on.stderr, on.stderr).toMatch(/round 2 .*\(\+2\)/);
  });

  it('asks back what it must not guess, and takes the answer', async () => {
    const asked = await runCli(['init', '--data', 'tables/kbar.csv', 'known', '-o', 'kbar.yaml'], { cwd });
    expect(asked.code).toBe(2);
    expect(asked.stderr).toMatch(/column "[gk]" has a median of .* which looks like kbar; say --unit kbar/);
    const answered = ['init', '--data', 'tables/kbar.csv', 'known', '-o', 'kbar.yaml', '--unit', 'kbar'];
    expect(await runCli(answered, { cwd })).toMatchObject({ code: 0 });
    expect((await readCampaign(at('kbar.yaml'))).config.data).toMatchObject([{ unit: 'kbar', structures: 'known' }]);
  });

  it('says what is missing where nothing can be learned', async () => {
    const { code, stderr } = await runCli(['init', '--data', 'known', '-o', 'none.yaml'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /known: 60 materials with structures, 0 labels, 60 without a label\nelastream: no label was found; a campaign learns from/,
    );
  });
});
