import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PAPER_TRAIN_FROM_GPA } from '../../../src/learning/ensemble/sampling-model.ts';
import { BOOSTER_PRESETS } from '../../../src/model/booster-config.ts';
import { campaignKeys } from '../../../src/protocol/campaign-file/campaign-keys.ts';
import { parseCampaign } from '../../../src/protocol/campaign-file/parse-campaign.ts';

const ROWS = readFileSync('docs/campaign-file.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')));
const defaultOf = new Map(ROWS.map((cells) => [cells[1]!, cells[4]!]));

/** What the schema fills in after parsing. */
const { elastream, lightgbm } = BOOSTER_PRESETS;
const FILLED_IN: Readonly<Record<string, unknown>> = {
  'sampling.train_from_gpa': PAPER_TRAIN_FROM_GPA,
  'ensemble.booster.trees': elastream.trees,
  'ensemble.booster.leaves': elastream.leavesMax,
  'ensemble.booster.learning_rate': elastream.learningRate,
  'ensemble.booster.feature_fraction': `\`${elastream.featureFraction}\` (lightgbm \`${lightgbm.featureFraction}\`)`,
  'ensemble.booster.max_bin': `\`${elastream.binsMax}\` (lightgbm \`${lightgbm.binsMax}\`)`,
  'ensemble.booster.min_data_in_leaf': elastream.rowsPerLeafMin,
  'acquisition.strategy': 'exploration',
  'acquisition.weights.TARGET': 1,
};

const COMPLETE = {
  name: 'all',
  data: [{ path: 'a', label_set: 'b' }],
  labels: [{ set: 'b' }],
  data_filters: { above_both_gpa: { g_vrh: 1, k_vrh: 1 } },
  targets: [{ name: 'band_gap', unit: 'eV' }],
  candidates: { from: 'data', count: 5 },
  sampling: { model: 1, focus_element: 'Na' },
  acquisition: { batch: 5 },
  calculator: { kind: 'replay' },
};

/** With the key. */
function complete(path: string): object {
  if (/argv|launcher/.test(path)) {
    const launcher = { kind: 'local' };
    return { ...COMPLETE, calculator: { kind: 'command', argv: ['x'], method: { code: 'x' }, launcher } };
  }
  if (/[.](pseudopotentials|cutoff_ry)/.test(path)) {
    const settings = { pseudopotentials: '/p', cutoff_ry: 20, sha256: {} };
    return { ...COMPLETE, calculator: { kind: 'espresso', ...settings } };
  }
  if (path !== 'acquisition.ranges') return COMPLETE;
  const ranges = { band_gap: { low: 1 } };
  return { ...COMPLETE, acquisition: { strategy: 'range', batch: 5, ranges } };
}

/** A copy without one key: `data[].path`. */
function without(path: string): object {
  const copy = structuredClone(complete(path));
  const steps = path.replaceAll('[]', '.0').split('.');
  // biome-ignore lint/suspicious/noExplicitAny: walks any table
  const table = steps.slice(0, -1).reduce((at: any, step) => at[step], copy);
  delete table[steps.at(-1)!];
  return copy;
}

describe('docs/campaign-file.md', () => {
  it('lists every key of the schema, in its order, and no other', () => {
    expect(ROWS.map((cells) => cells[1])).toEqual(campaignKeys().map(({ path }) => path));
  });

  it("gives the schema's defaults", () => {
    const known = campaignKeys().filter((key) => 'default' in key || key.path in FILLED_IN);
    expect(known.length).toBeGreaterThan(30);
    for (const key of known) {
      const cell = defaultOf.get(key.path)!;
      const expected = FILLED_IN[key.path] ?? key.default;
      expect([key.path, cell.startsWith('`') ? cell : parse(cell)]).toEqual([key.path, expected]);
    }
  });

  it('says required of the keys that are, and none of the others without a default', () => {
    for (const { path } of campaignKeys().filter((key) => !('default' in key || key.path in FILLED_IN))) {
      const cell = defaultOf.get(path);
      expect(['required', 'none'], path).toContain(cell);
      expect(parseCampaign(complete(path)).issues, path).toEqual([]);
      if (cell === 'required') expect(parseCampaign(without(path)).issues.length, path).toBeGreaterThan(0);
    }
  });
});
