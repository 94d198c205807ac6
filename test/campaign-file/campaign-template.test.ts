import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { campaignKeys, withInner } from '../../src/campaign-file/campaign-keys.ts';
import { campaignTemplate, DEFAULT_DRAFT } from '../../src/campaign-file/campaign-template.ts';
import { parseCampaign } from '../../src/campaign-file/parse-campaign.ts';

const TEMPLATE = campaignTemplate();
/** `#key:` after any indentation: an option, where `# text` is a comment. */
const OPTION = /^( *)#((?: {2})*[a-z_][a-z0-9_]*:.*)$/;

/** The template with those options uncommented that `wanted` takes. */
function uncommented(wanted: (line: string, i: number) => boolean): string {
  const lines = TEMPLATE.split('\n').map((line, i) => (wanted(line, i) ? line.replace(OPTION, '$1$2') : line));
  return lines.join('\n');
}

/** A line and the comment above it. */
function commentAt(lines: readonly string[], at: number): string {
  const above = lines[at - 1] ?? '';
  return /^[ #]*# /.test(above) && !OPTION.test(above) ? `${commentAt(lines, at - 1)}\n${lines[at]}` : lines[at]!;
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
    const hasDefault = (lines: readonly string[], i: number) =>
      !/no default|only with/.test(commentAt(lines, i).replace(/\n[ #]*/g, ' ')) ||
      lines[i]!.includes('above_both_gpa');
    const lines = TEMPLATE.split('\n');
    const text = uncommented((_, i) => hasDefault(lines, i));
    expect(text.split('\n').filter((line, i) => line !== lines[i]).length).toBeGreaterThan(19);
    expect(configOf(text)).toEqual(configOf(TEMPLATE));
    expect(configOf(TEMPLATE.replace(/^sampling:\n.*\n {2}model.*\n/m, ''))).toEqual(configOf(TEMPLATE));
  });

  it("states the paper's values and Model 3's thresholds as the schema has them", () => {
    const filters = configOf(`${TEMPLATE}\ncandidate_filters: paper\n`)?.candidateFilters;
    const shown = [...TEMPLATE.matchAll(/^# {2}(\w+): ([\d.]+) +# .*that stays.*no default$/gm)];
    expect(shown).toHaveLength(4);
    for (const [, name, value] of shown) {
      const key = name!.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
      expect([name, filters?.[key as 'sitesMax']]).toEqual([name, Number(value)]);
    }
    const model3 = TEMPLATE.replace('model: 2', 'model: 3');
    expect(configOf(model3.replace('#train_from_gpa', 'train_from_gpa'))).toEqual(configOf(model3));
  });

  it("states LightGBM's values where they differ", () => {
    const text = TEMPLATE.replace('preset: balanced', 'preset: lightgbm');
    const given = text.replace('#feature_fraction: 0.1', 'feature_fraction: 1').replace('#max_bin: 63', 'max_bin: 255');
    expect(given.match(/^ +(feature_fraction: 1|max_bin: 255)\b/gm)).toHaveLength(2);
    expect(configOf(given)).toEqual(configOf(text));
    for (const line of [/feature_fraction, drawn.*lightgbm 1\b/, /max_bin; .*lightgbm 255\b/]) {
      expect(TEMPLATE.replace(/\n *# /g, ' ')).toMatch(line);
    }
  });

  it('says what the default is where the draft differs from it', () => {
    const text = campaignTemplate({ ...DEFAULT_DRAFT, rowsPerLeafMin: 3 });
    expect(text).toMatch(/^ensemble:\n/m);
    expect(text).toMatch(/^ {2}booster: .*\n/m);
    expect(text).toMatch(/^ {4}min_data_in_leaf: 3$/m);
    expect(text).toMatch(/^features: paper\+g$/m);
    expect(configOf(text)?.targetDefinitions?.map(({ transform }) => transform)).toEqual(['log', 'log']);
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
    expect(TEMPLATE).toContain('{name: band_gap, unit: eV}');
    for (const key of ['name', 'unit', 'transform']) shown.add(`targets[].${key}`);
    expect(shown).toContain('acquisition.weights.g_vrh');
    shown.add('acquisition.weights.TARGET');
    for (const path of [...shown]) {
      const target = path.replace(/^(acquisition\.(ranges|constraints)|stop\.\w+_below)\.[gk]_vrh/, '$1.TARGET');
      shown.add(target.replace(/[.]Si$/, '.ELEMENT'));
    }
    expect(
      campaignKeys()
        .flatMap(withInner)
        .map(({ path }) => path)
        .filter((path) => !shown.has(path)),
    ).toEqual([]);
  });
});
