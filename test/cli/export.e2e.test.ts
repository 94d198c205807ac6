import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cliMain, runCli } from '../support/cli.ts';
import { describeWithLightGbm, type TinyCampaign, tinyCampaign } from '../support/tiny-campaign.ts';

type Row = Record<string, string | number | null>;

/** An id that a careless CSV writer breaks. */
const AWKWARD_ID = 'mp "1", of two';

function awkward(jsonl: string): string {
  return jsonl.replaceAll(/"material_id":"[^"]*"/g, (field, at: number) =>
    at === jsonl.indexOf('"material_id"') ? `"material_id":${JSON.stringify(AWKWARD_ID)}` : field,
  );
}

describeWithLightGbm('elastream export', () => {
  let campaign: TinyCampaign;

  beforeAll(async () => {
    campaign = tinyCampaign({ editData: awkward });
    const keepingAll = ['--quiet', '--no-tables', '--no-report', '--keep-models', 'all'];
    expect((await campaign.run(keepingAll)).stderr).toBe('');
  });
  afterAll(() => campaign.remove());

  const exported = (...args: readonly string[]) => runCli(['export', campaign.directory, ...args]);
  const rows = async (...args: readonly string[]): Promise<Row[]> => {
    const { code, stdout, stderr } = await exported('--format', 'jsonl', ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
  };

  it('predicts bit by bit what the round chose by, and knows the truth of candidates and test set', async () => {
    const predictions = await rows('--round', '1');
    const chosen = await rows('--what', 'selections', '--round', '1');
    expect(chosen.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
    for (const row of chosen) {
      const same = predictions.find(({ material_id: id }) => id === row.material_id)!;
      expect(same.set).toBe('candidate');
      for (const column of ['mean_g_vrh', 'mean_k_vrh', 'stdev_g_vrh', 'stdev_k_vrh']) {
        expect(row[column]).toBe(same[column]);
      }
      expect([same.calculated_g_vrh, same.calculated_k_vrh]).toEqual([row.calculated_g_vrh, row.calculated_k_vrh]);
      expect(row).toMatchObject({ outcome: 'labelled', why: expect.stringMatching(/^STDEV G [\d.]+, K [\d.]+ GPa$/) });
    }
    expect(predictions.filter(({ set }) => set === 'candidate').length).toBe(100);
    expect(predictions.filter(({ set }) => set === 'test').length).toBeGreaterThan(30);
  });

  it("has the round's error on the test set in its rows", async () => {
    const [latest] = (await rows('--what', 'rounds')).slice(-1);
    const test = (await rows()).filter(({ set }) => set === 'test');
    const errors = test.map(({ mean_g_vrh: mean, calculated_g_vrh: calculated }) =>
      Math.abs(Number(mean) - Number(calculated)),
    );
    const mae = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    expect(latest).toMatchObject({ campaign: 'tiny', round: 3, added: 10, selected: 0 });
    expect(latest!.test_mae_g_vrh).toBeCloseTo(mae, 10);
    expect(test.every(({ round }) => round === 3)).toBe(true);
  });

  it('names models and labels with where they come from', async () => {
    const members = await rows('--what', 'members');
    expect(members.length).toBe(3 * 3 * 2);
    for (const row of members) {
      expect(row.model).toMatch(/^[\da-f]{64}$/);
      expect(row.held_out_rmse).toBeGreaterThanOrEqual(row.held_out_mae as number);
      expect(row.engine).toContain('lightgbm');
    }
    const labels = await rows('--what', 'labels');
    const chosen = await rows('--what', 'selections');
    expect(labels.map(({ material_id: id }) => id)).toEqual(chosen.map(({ material_id: id }) => id));
    for (const [i, label] of labels.entries()) {
      const wanted = {
        provenance: `calculation:${chosen[i]!.calculation}`,
        method: 'replay',
        label_set: 'campaign:tiny',
      };
      expect(label).toMatchObject({
        ...wanted,
        g_vrh: chosen[i]!.calculated_g_vrh,
        k_vrh: chosen[i]!.calculated_k_vrh,
      });
    }
  });

  it('tells who trained on what', async () => {
    const split = await rows('--what', 'split', '--round', '1');
    const members = await rows('--what', 'members', '--round', '1');
    const test = new Set(split.filter(({ set }) => set === 'test').map(({ material_id: id }) => id));
    for (const { member, target, training_rows: count } of members) {
      const own = split.filter((row) => row.set === 'training' && row.member === member && row.target === target);
      expect(own.length).toBe(count);
      expect(own.some(({ material_id: id }) => test.has(id))).toBe(false);
    }
  });

  it('writes the same rows as CSV, compressed, and as Parquet', async () => {
    const wanted = await rows();
    const path = (name: string) => join(campaign.directory, '..', name);
    const csv = await exported();
    const awkwardLine = csv.stdout.split('\n').find((line) => line.includes('of two'));
    expect(awkwardLine).toMatch(/^"mp ""1"", of two",[A-Z]\w*,(candidate|test),[\d.]+,/);
    expect(csv.stdout.split('\n').length).toBe(wanted.length + 2);

    const compressed = await exported('-o', path('p.csv.gz'));
    expect(compressed.stderr).toBe(`predictions: ${wanted.length} rows in ${path('p.csv.gz')}\n`);
    expect(gunzipSync(readFileSync(path('p.csv.gz'))).toString()).toBe(csv.stdout);

    await exported('-o', path('p.parquet'));
    expect(await parquetReadObjects({ file: await asyncBufferFromFile(path('p.parquet')) })).toEqual(wanted);
    expect(readdirSync(path('.')).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('is content with a reader that stops early', async () => {
    const command = 'set -o pipefail; "$0" "$1" export "$2" | head -1; echo $?';
    const args = ['-c', command, process.execPath, cliMain(), campaign.directory];
    const { stdout, stderr } = await promisify(execFile)('bash', args);
    expect(stdout).toMatch(/^material_id,formula,set,.*\n0\n$/);
    expect(stderr).toBe('');
  });

  it('says what is wrong', async () => {
    const nowhere = await runCli(['export', join(campaign.directory, 'nowhere')]);
    expect(nowhere).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('holds no campaign') });
    const round = await exported('--round', '7');
    expect(round).toMatchObject({ code: 2, stderr: 'elastream: tiny has no round 7; it has rounds 1 to 3\n' });
    const name = await exported('--campaign', 'huge');
    expect(name).toMatchObject({ code: 2, stderr: expect.stringContaining('choose with --campaign: tiny') });
    const folder = await exported('-o', campaign.directory);
    expect(folder).toMatchObject({ code: 1, stderr: expect.stringContaining('it is a folder') });
    const unknown = await exported('-o', 'p.xlsx');
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('the extension .xlsx names no format') });
    const zipped = await exported('-o', 'p.parquet.gz');
    expect(zipped).toMatchObject({ code: 2, stderr: expect.stringContaining('Parquet is compressed in itself') });
  });

  it('needs the models for predictions alone', async () => {
    rmSync(join(campaign.directory, 'models'), { recursive: true });
    expect(await exported()).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('no model store') });
    expect((await rows('--what', 'members')).length).toBe(18);
  });
});
