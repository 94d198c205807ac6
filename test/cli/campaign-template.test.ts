import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { campaignTemplate, DEFAULT_DRAFT } from '../../src/cli/campaign-template.ts';
import { campaignKeys } from '../../src/protocol/campaign-file/campaign-keys.ts';
import { parseCampaign } from '../../src/protocol/campaign-file/parse-campaign.ts';

const TEMPLATE = campaignTemplate();
/** `#key:` after any indentation: an option, where `# text` is a comment. */
const OPTION = /^( *)#((?: {2})*[a-z_\d]+:.*)$/;

/** The template with those options uncommented that `wanted` takes. */
function uncommented(wanted: (line: string) => boolean): string {
  const lines = TEMPLATE.split('\n').map((line) => (wanted(line) ? line.replace(OPTION, '$1$2') : line));
  return lines.join('\n');
}

function configOf(text: string) {
  const { config, issues } = parseCampaign(parse(text));
  expect(issues).toEqual([]);
  return config;
}

describe('campaignTemplate', () => {
  it('is a campaign', () => {
    expect(configOf(TEMPLATE)).toMatchObject({ name: 'my-campaign', stop: { labels: 250 } });
    const path = 'a "b": \\c #d.jsonl';
    expect(configOf(campaignTemplate({ ...DEFAULT_DRAFT, data: [{ path }] }))?.data[0]?.path).toBe(path);
  });

  it('is the campaign that was drafted', () => {
    const said = { columns: { g: 'a "g"', id: 'x, y' }, structures: 'cifs', unit: 'kbar', decimal: 'comma' } as const;
    const text = campaignTemplate({
      name: 'mine',
      data: [{ path: 'a.csv', ...said }, { path: 'b.parquet' }],
      candidates: ['cifs', 'more: cifs'],
      targets: ['k_vrh'],
      rowsPerLeafMin: 3,
      batch: 5,
      stopLabels: 40,
      calculator: 'manual',
    });
    expect(configOf(text)).toMatchObject({
      name: 'mine',
      data: [
        { path: 'a.csv', labelSet: 'my-dft', ...said },
        { path: 'b.parquet', labelSet: 'my-dft' },
      ],
      candidates: { from: 'files', paths: ['cifs', 'more: cifs'] },
      targets: ['k_vrh'],
      ensemble: { booster: { rowsPerLeafMin: 3 } },
      acquisition: { batch: 5 },
      stop: { labels: 40 },
      calculator: { kind: 'manual' },
    });
  });

  it("states the schema's defaults: uncommented, they change nothing", () => {
    const stated = (line: string) => !/no default|alone/.test(line) || line.includes('above_both_gpa');
    const text = uncommented(stated);
    expect(text.split('\n').filter((line, i) => line !== TEMPLATE.split('\n')[i]).length).toBeGreaterThan(25);
    expect(configOf(text)).toEqual(configOf(TEMPLATE));
    expect(TEMPLATE).toContain('model: 2                     # default 2');
    expect(configOf(TEMPLATE.replace(/^sampling:\n {2}model.*\n/m, ''))).toEqual(configOf(TEMPLATE));
  });

  it("states the paper's values and Model 3's thresholds as the schema has them", () => {
    const filters = configOf(`${TEMPLATE}\ncandidate_filters: paper\n`)?.candidateFilters;
    for (const [, name, value] of TEMPLATE.matchAll(/# {2}(\w+): ([\d.]+) +# .*paper has [\d.]+$/gm)) {
      const key = name!.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
      expect([name, filters?.[key as 'sitesMax']]).toEqual([name, Number(value)]);
    }
    const model3 = TEMPLATE.replace('model: 2 ', 'model: 3 ');
    expect(configOf(model3.replace('#train_from_gpa', 'train_from_gpa'))).toEqual(configOf(model3));
  });

  it("states LightGBM's values where they differ", () => {
    const text = uncommented((line) => /ensemble|booster|preset/.test(line)).replace(
      'preset: elastream',
      'preset: lightgbm',
    );
    const given = text.replace(/^#( +(?:feature_fraction|max_bin): )\S+(.*lightgbm has (\S+))$/gm, '$1$3');
    expect(given.match(/^ +(feature_fraction: 1|max_bin: 255)$/gm)).toHaveLength(2);
    expect(configOf(given)).toEqual(configOf(text));
  });

  it('shows every key of the schema', () => {
    const all = parse(uncommented(() => true)) as object;
    const shown = new Set<string>();
    const visit = (value: unknown, path: string): void => {
      if (path !== '') shown.add(path);
      if (Array.isArray(value)) for (const entry of value) visit(entry, `${path}[]`);
      else if (typeof value === 'object' && value !== null) {
        for (const [key, inner] of Object.entries(value)) visit(inner, path === '' ? key : `${path}.${key}`);
      }
    };
    visit(all, '');
    // What excludes other keys stands in a comment.
    for (const [line, key] of [
      ['{from: files, paths: [structures/]}', 'candidates.paths'],
      ['or count: 600, at least 1', 'candidates.count'],
      ['or count: 100, 0 is none', 'reserve.count'],
      ['{kind: slurm, partition: main', 'calculator.launcher.partition'],
      ['account: mine', 'calculator.launcher.account'],
      ['options: [--qos=low]', 'calculator.launcher.options'],
      ['jobs_max: 1000', 'calculator.launcher.jobs_max'],
      ['poll_seconds: 15', 'calculator.launcher.poll_seconds'],
      ['ssh: me@host', 'calculator.launcher.ssh'],
    ] as const) {
      expect(TEMPLATE).toContain(line);
      shown.add(key);
    }
    for (const [line, key] of [
      ['files: {Si: ', 'calculator.files.ELEMENT'],
      ['sha256: {}', 'calculator.sha256.ELEMENT'],
      ['or {Si: 20, O: 40}', 'calculator.cutoff_ry.ELEMENT'],
    ] as const) {
      expect(TEMPLATE).toContain(line);
      shown.add(key);
    }
    expect(TEMPLATE).toContain('{name: band_gap, unit: eV, transform: none}');
    for (const key of ['name', 'unit', 'transform']) shown.add(`targets[].${key}`);
    expect(shown).toContain('acquisition.weights.g_vrh');
    shown.add('acquisition.weights.TARGET');
    expect(shown).toContain('acquisition.ranges.g_vrh');
    shown.add('acquisition.ranges.TARGET');
    expect(
      campaignKeys()
        .map(({ path }) => path)
        .filter((path) => !shown.has(path)),
    ).toEqual([]);
  });
});
