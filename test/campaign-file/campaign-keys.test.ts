import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CampaignKey, campaignKeys, withInner } from '../../src/campaign-file/campaign-keys.ts';
import { parseCampaign } from '../../src/campaign-file/parse-campaign.ts';
import { withKeysTable } from '../../tools/campaign-keys-table.ts';

const KEYS = campaignKeys().flatMap(withInner);

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
const COMMAND = { calculator: { kind: 'command', argv: ['x'], method: { code: 'x' }, launcher: { kind: 'local' } } };
const ESPRESSO = { calculator: { kind: 'espresso', pseudopotentials: '/p', cutoff_ry: 20, sha256: {} } };
/** Campaigns that hold keys of other alternatives. */
const OTHERS: Readonly<Record<string, object>> = {
  'acquisition.ranges': { acquisition: { strategy: 'range', batch: 5, ranges: { band_gap: { low: 1 } } } },
  'calculator.argv': COMMAND,
  'calculator.launcher.kind': COMMAND,
  'calculator.pseudopotentials': ESPRESSO,
  'calculator.cutoff_ry': ESPRESSO,
  'candidates.paths': { candidates: { from: 'files', paths: ['a'] }, calculator: { kind: 'manual' } },
};
const complete = (path: string) => ({ ...COMPLETE, ...OTHERS[path] });

/** A copy without one key: `data[].path`. */
function without(path: string): object {
  const copy = structuredClone(complete(path));
  const steps = path.replaceAll('[]', '.0').split('.');
  // biome-ignore lint/suspicious/noExplicitAny: walks any table
  const table = steps.slice(0, -1).reduce((at: any, step) => at[step], copy);
  delete table[steps.at(-1)!];
  return copy;
}

describe('campaignKeys', () => {
  it('says what each key means, and shows a value', () => {
    const silent = ({ meaning }: CampaignKey) => meaning === '';
    expect(KEYS.filter(silent).map(({ path }) => path)).toEqual([]);
    const shownAbove = KEYS.filter(({ example }) => example !== undefined).map(({ path }) => path);
    const bare = ({ path, inner, isRequired, ...key }: CampaignKey) =>
      inner.length === 0 &&
      !isRequired &&
      (key.default ?? key.example) === undefined &&
      !shownAbove.some((table) => path.startsWith(`${table}.`) || path.startsWith(`${table}[].`));
    expect(KEYS.filter(bare).map(({ path }) => path)).toEqual([]);
  });

  it('says required of the keys that are, and of no others', () => {
    for (const { path, isRequired } of KEYS.filter((key) => key.default === undefined)) {
      expect(parseCampaign(complete(path)).issues, path).toEqual([]);
      if (isRequired) expect(parseCampaign(without(path)).issues.length, path).toBeGreaterThan(0);
    }
  });

  it('says which alternatives have a key', () => {
    const belongsTo = new Map(KEYS.map((key) => [key.path, key.belongsTo]));
    expect(belongsTo.get('acquisition.xi')).toBe('ei, pi');
    expect(belongsTo.get('sampling.train_from_gpa')).toBe('model 3');
    expect(belongsTo.get('candidates.element')).toBe('data');
    expect(belongsTo.get('acquisition.batch')).toBeUndefined();
  });
});

describe('docs/campaign-file.md', () => {
  it('has the table that the schema makes (npm run generate)', () => {
    const page = readFileSync('docs/campaign-file.md', 'utf8');
    expect(page).toBe(withKeysTable(page));
    expect(page).toContain('| `acquisition.batch` | whole, 1 to 2000 | per round | required |');
  });
});
