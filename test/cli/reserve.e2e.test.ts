import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RoundRow } from '../../src/reading/round-row.ts';
import { runCli } from '../support/cli.ts';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';

describeWithLightGbm('a campaign with a reserve', () => {
  const reserve = (yaml: string) => yaml.replace('features:', 'reserve: {count: 20}\nfeatures:');
  const campaign = tinyCampaign({ edit: reserve });
  const without = tinyCampaign();
  let rounds: RoundRow[] = [];
  beforeAll(async () => {
    const { code, stdout, stderr } = await campaign.run(['--json', '--no-tables', '--no-report']);
    expect(code, stderr).toBe(0);
    rounds = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RoundRow);
    expect((await without.run()).code).toBe(0);
  });
  afterAll(() => Promise.all([campaign.remove(), without.remove()]));

  const cli = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCli(args);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  const table = async (directory: string, what: string) => {
    const text = await cli('export', '--dir', directory, '--what', what, '--format', 'jsonl');
    return text
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  };

  it('never chooses from it and never trains on it', async () => {
    const predictions = await table(campaign.directory, 'predictions');
    const ids = predictions.filter(({ set }) => set === 'reserve').map(({ material_id: id }) => id);
    expect(ids).toHaveLength(20);
    const [split] = await Promise.all([
      cli('export', '--dir', campaign.directory, '--what', 'split', '--format', 'jsonl'),
    ]);
    for (const id of ids) {
      expect(rounds.flatMap(({ selected }) => selected)).not.toContain(id);
      expect(split).not.toContain(`"${id}"`);
    }
    // The first round trains on what it would train on without.
    const hashes = async (directory: string) =>
      (await table(directory, 'members')).filter(({ round }) => round === 1).map(({ trees_hash: hash }) => hash);
    expect(await hashes(campaign.directory)).toEqual(await hashes(without.directory));
  });

  it('is calibrated in each round, and says how far that holds', async () => {
    for (const { calibration, uncertainty, round } of rounds) {
      const [first] = calibration;
      expect(first).toMatchObject({ target: 'g_vrh', group: 'all', count: 20 });
      expect(first!.quantiles.every(({ quantile }) => quantile! > 0)).toBe(true);
      const subsets = new Set(uncertainty.map(({ subset }) => subset));
      expect([...subsets].sort()).toEqual(round === 1 ? ['reserve', 'test'] : ['batch', 'reserve', 'test']);
    }
    expect(await cli('status', '--dir', campaign.directory)).toMatch(/intervals +68 % hold G .*of the test set/);
    expect(await cli('status', '--dir', without.directory)).toMatch(/STDEV +no error bar \(no reserve\)/);
    const figures = await table(campaign.directory, 'uncertainty');
    expect(new Set(figures.map(({ level }) => level))).toEqual(new Set([0.68, 0.9, 0.95]));
    expect(await table(campaign.directory, 'calibrations')).toHaveLength(2 * rounds.length);
    expect(await table(without.directory, 'calibrations')).toEqual([]);
  });

  it('gives predictions intervals, which are the wider the surer they are to be', async () => {
    const rows = 'examples/elastic-tensor-2015.jsonl.gz';
    const predicted = async (...args: string[]) =>
      JSON.parse((await cli('predict', '--dir', campaign.directory, rows, '--json', ...args)).split('\n')[0]!);
    const [sure, less] = [await predicted(), await predicted('--level', '68')];
    const { mean, stdev, low, high, calibrated_stdev: calibrated } = sure.g_vrh;
    const last = rounds.at(-1)!.calibration.find(({ target, group }) => target === 'g_vrh' && group === 'all')!;
    expect(sure.interval_level).toBe(0.95);
    expect(high - mean).toBeCloseTo(last.quantiles[2]!.quantile! * stdev, 9);
    expect(calibrated).toBeCloseTo(last.scale! * stdev, 9);
    expect(less.g_vrh.low).toBeGreaterThan(low);
    const plain = await cli('predict', '--dir', without.directory, rows);
    expect(plain).toContain('the STDEV is no error bar');
  });
});
