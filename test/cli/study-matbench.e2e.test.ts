import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scratchDirectory } from '../../deploy/local/scratch.ts';
import { exampleLines } from '../support/campaign-files.ts';
import { runCli } from '../support/cli.ts';
import { describeWithLightGbm } from '../support/tiny-campaign.ts';

interface Measured {
  readonly rows: number;
  readonly log10_mae: number;
}
interface Printed {
  readonly values_not_positive: number;
  readonly materials_missing: number;
  readonly targets: Readonly<Record<'g_vrh' | 'k_vrh', Measured & { random_forest: Measured; folds: Measured[] }>>;
}

describeWithLightGbm('elastream study matbench', () => {
  const scratch = scratchDirectory();
  const [data, folds, dir] = ['data.jsonl', 'folds.jsonl', 'study'].map((name) => join(scratch.path, name));
  const lines = exampleLines().slice(0, 80);
  const ids = lines.map((line) => (JSON.parse(line) as { material_id: string }).material_id);
  const fold = (i: number) => ({ fold_g: i % 2, fold_k: i % 3 === 0 ? null : i % 2, rf_log_g: 1.5, rf_log_k: 2 });

  beforeAll(() => {
    // One value without a logarithm, one material that the data lack.
    const given = lines.map((line, i) => (i === 0 ? line.replace(/"g_vrh":[^,}]*/, '"g_vrh":0') : line));
    writeFileSync(data!, `${given.join('\n')}\n`);
    const rows = [...ids, 'mp-none'].map((material_id, i) => JSON.stringify({ material_id, ...fold(i) }));
    writeFileSync(folds!, rows.join('\n'));
  });
  afterAll(() => scratch.remove());

  const study = (...more: readonly string[]) =>
    runCli(['study', 'matbench', '--data', data!, '--folds', folds!, '--dir', dir!, '--members', '2', ...more]);

  it('predicts each fold by the others, and shows the published predictions of the same rows', async () => {
    const { code, stdout, stderr } = await study('--preset', 'elastream', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const printed = JSON.parse(stdout) as Printed;
    expect(printed).toMatchObject({ values_not_positive: 1, materials_missing: 1 });
    const { g_vrh: g, k_vrh: k } = printed.targets;
    expect([g.rows, g.folds.map(({ rows }) => rows)]).toEqual([79, [39, 40]]);
    expect([k.rows, k.random_forest.rows]).toEqual([53, 53]);
    expect(g.log10_mae).toBeLessThan(g.random_forest.log10_mae);
  });

  it('goes on where it was stopped, and shows the same again', async () => {
    const whole = await study('--preset', 'elastream', '--json');
    expect(readdirSync(dir!).sort()).toEqual(
      ['g_vrh-fold-0', 'g_vrh-fold-1', 'k_vrh-fold-0', 'k_vrh-fold-1'].map((part) => `${part}.json`),
    );
    rmSync(join(dir!, 'k_vrh-fold-0.json'));
    writeFileSync(join(dir!, 'k_vrh-fold-0.json.partial'), '{"ident');
    expect((await study('--preset', 'elastream', '--json')).stdout).toBe(whole.stdout);
    const text = await study('--preset', 'elastream');
    expect(text.stdout).toMatch(/shear modulus G, 79 rows +MAE log10 +RMSE log10/);
    expect(text.stdout).toContain('1 values of 0 or less have no logarithm');
  });

  it.each([
    [
      'another study in the same directory',
      ['--preset', 'lightgbm'],
      /is of a study with other data or settings; or name another directory/,
    ],
    [
      'folds that are none',
      ['--folds', 'package.json'],
      /package.json, line 1: is no line of folds: give \{"material_id"/,
    ],
    ['data that are not there', ['--data', 'nothing.jsonl'], /nothing.jsonl/],
    ['a preset that is none', ['--preset', 'best'], /Allowed choices are lightgbm, elastream, balanced, accurate/],
    ['no members', ['--members', '0'], /Give a whole number from 1 to 1000/],
  ])('refuses %s', async (_, more, message) => {
    const { code, stderr } = await study('--preset', 'elastream', ...more);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it('says where a part is damaged', async () => {
    writeFileSync(join(dir!, 'g_vrh-fold-0.json'), '{}');
    const { code, stderr } = await study('--preset', 'elastream');
    expect([code, stderr]).toEqual([2, expect.stringContaining('g_vrh-fold-0.json is damaged: remove it')]);
  });
});
