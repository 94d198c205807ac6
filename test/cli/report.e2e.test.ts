import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithChromium, measurePage } from '../support/chromium.ts';
import { runCli } from '../support/cli.ts';
import { describeWithLightGbm, type TinyCampaign, tinyCampaign } from '../support/tiny-campaign.ts';

const CHARTS = 8 * 4;
const REJECTED =
  '{"material_id":"broken","lattice":[[1,0,0],[0,1,0],[0,0,1]],"species":["Xx"],"frac_coords":[[0,0,0]]}';

/** What a reader reads, without markup and style. */
function textOf(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ');
}

describeWithLightGbm('elastream report', () => {
  let campaign: TinyCampaign;
  let page: string;

  beforeAll(async () => {
    campaign = tinyCampaign({ moreLines: [REJECTED] });
    const run = await campaign.run(['--no-tables', '--compare', 'random']);
    expect(run).toMatchObject({ code: 0, stderr: expect.stringContaining('report: ') });
    page = readFileSync(join(campaign.directory, 'report.html'), 'utf8');
  });
  afterAll(() => campaign.remove());

  const report = (...args: readonly string[]) => runCli(['report', campaign.directory, ...args]);
  const reported = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await report('-o', '-', ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  const exported = async (...args: readonly string[]) => {
    const { stdout } = await runCli(['export', campaign.directory, '--format', 'jsonl', ...args]);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number | string>);
  };

  it('is what run writes at its end, both strategies beside each other', async () => {
    const timeless = (text: string) => text.replaceAll(/Written <time.*?<\/time>/g, '');
    expect(timeless(await reported())).toBe(timeless(page));
    expect(page).toMatch(/<h1>tiny<\/h1>[\s\S]*stopped: rounds/);
    // Learning curves, parity on linear axes and on logarithmic ones, errors, coverage, also by round, uncertainty, importances.
    expect(page.match(/<svg/g)?.length).toBe(CHARTS);
    expect(page).not.toContain('class="empty"');
  });

  it('shows the numbers of the log', async () => {
    const text = textOf(page);
    for (const name of ['tiny', 'tiny-random']) {
      const rounds = await exported('--what', 'rounds', '--campaign', name);
      const [from, to] = [rounds[0]!, rounds.at(-1)!].map((row) => Number(row.test_mae_g_vrh).toFixed(2));
      const strategy = name === 'tiny' ? 'exploration' : 'random';
      expect(text).toMatch(new RegExp(`After 10 labels ${strategy} \\w+ the test MAE .* from ${from} to ${to} GPa`));
      for (const row of await exported('--what', 'selections', '--campaign', name)) {
        const cells = [row.rank, row.material_id, row.formula, Number(row.score).toFixed(3)].join(' ');
        expect(text).toContain(`${cells} ${Number(row.mean_g_vrh).toFixed(1)} \u00b1`);
        expect(text).toContain(` ${Number(row.calculated_k_vrh).toFixed(1)} labelled 20`);
      }
    }
    const wanted = [
      'Materials 200 Labels 200 Labels left out: radioactive element 4',
      'Candidates of the first round 100',
      'Rejected: dummy_site 1',
      'DOI 10.1038/sdata.2015.9',
    ];
    expect(wanted.filter((words) => !text.includes(words))).toEqual([]);
    expect(text).not.toContain('Simulated labels');
  });

  it('shows one campaign alone where told', async () => {
    const alone = await reported('--campaign', 'tiny-random');
    expect(alone).toContain('<h1>tiny-random</h1>');
    expect(textOf(alone)).not.toContain('exploration');
  });

  it('says what is wrong', async () => {
    expect(await report('--campaign', 'other')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('holds no campaign other; choose with --campaign: tiny, tiny-random'),
    });
    expect(await report('-o', join(campaign.directory, 'no', 'x.html'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot write'),
    });
  });

  it('shows a second seed of a strategy in the same curve', async () => {
    const other = tinyCampaign({
      moreLines: [REJECTED],
      edit: (yaml) => yaml.replace('name: tiny', 'name: seeded').replace('seed: 1', 'seed: 2'),
    });
    const run = ['run', other.file, '--dir', campaign.directory, '--quiet', '--no-tables', '--no-report'];
    expect(await runCli(run)).toMatchObject({ code: 0, stderr: '' });
    await other.remove();
    const all = await reported();
    expect(all).toContain('exploration, 2 seeds');
    expect(textOf(all)).toMatch(/exploration, seed 2 .*Seeds 1, 2 /);
    expect(textOf(await reported('--campaign', 'tiny', 'tiny-random'))).not.toContain('seed 1');
  });

  describeWithChromium('in a browser', () => {
    it.each([1280, 400])('overflows nowhere and asks for nothing, %i px wide', async (width) => {
      const { charts, clientWidth, console, cutTexts, requests, scrollWidth } = await measurePage(page, width);
      expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
      expect({ charts: charts.length, cutTexts, requests, console }).toEqual({
        charts: CHARTS,
        cutTexts: [],
        requests: [],
        console: [],
      });
    });
  });

  it('is made without the models too, and says so where their plots would be', async () => {
    rmSync(join(campaign.directory, 'models'), { recursive: true });
    const without = await reported('--campaign', 'tiny');
    expect(without.match(/<svg/g)?.length).toBe(4 + 2 + 2);
    expect(textOf(without).match(/exploration: the models of the latest round are not in the directory/g)?.length).toBe(
      8,
    );
  });

  it('is made beside a running campaign, whatever has happened so far', async () => {
    const running = tinyCampaign({ rounds: 40, trees: 60 });
    const args = ['--no-tables', '--no-report', '--json'];
    const run = running.run(args, { signalAfter: { output: /"round":4,/ } });
    const seen: string[] = [];
    for (let ended = false; !ended; ) {
      ended = await Promise.race([
        run.then(() => true),
        new Promise<false>((resolve) => setTimeout(resolve, 50, false)),
      ]);
      if (!existsSync(join(running.directory, 'log', 'data.mdb'))) continue;
      const { code, stdout, stderr } = await runCli(['report', running.directory, '-o', '-']);
      // Before the campaign has been created there is nothing to report.
      if (code === 0) seen.push(textOf(stdout));
      else expect(stderr).toMatch(/no campaign has begun here yet|there is no/);
    }
    expect((await run).code).toBe(130);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen[0]).toMatch(/before its first round|in round [1-4]\b/);
    expect(seen.at(-1)).toMatch(/Active-learning campaign, in round \d/);
    await running.remove();
  });
});
