import { describe, expect, it } from 'vitest';
import { parseCampaign } from '../../src/campaign-file/parse-campaign.ts';

const MINIMAL = {
  name: 'quickstart',
  data: [{ path: 'elastic.jsonl.gz', label_set: 'dejong-2015' }],
  candidates: { from: 'data', fraction: 0.5 },
  acquisition: { batch: 5 },
  calculator: { kind: 'replay' },
};
const issuesOf = (change: object) =>
  parseCampaign({ ...MINIMAL, ...change }).issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('parseCampaign', () => {
  it('fills in the defaults', () => {
    const { config } = parseCampaign(MINIMAL);
    expect(config).toEqual({
      name: 'quickstart',
      seed: 1,
      data: [{ kind: 'file', path: 'elastic.jsonl.gz', labelSet: 'dejong-2015' }],
      labels: [{ labelSet: 'dejong-2015' }],
      dataFilters: {
        negativeModuli: true,
        aboveBothGpa: { g_vrh: 700, k_vrh: 500 },
        inertGases: true,
        radioactiveElements: true,
      },
      candidates: { from: 'data', fraction: 0.5 },
      candidateFilters: { inertGases: false, withoutStructureFeatures: false, polymorphs: false, activeElements: [] },
      features: 'paper',
      targets: ['g_vrh', 'k_vrh'],
      sampling: { model: { model: 2 }, testFraction: 0.2, holdOutFraction: 0.2, trainAcquired: true },
      ensemble: {
        members: 20,
        booster: {
          trees: 100,
          leavesMax: 31,
          learningRate: 0.1,
          featureFraction: 0.3,
          binsMax: 63,
          rowsPerLeafMin: 20,
        },
      },
      acquisition: { strategy: 'exploration', batch: 5, weights: { g_vrh: 1, k_vrh: 1 } },
      stop: {},
      calculator: {
        kind: 'replay',
        mishaps: { failureRate: 0, neverReturningRate: 0, delaySeconds: 0 },
        attempts: 3,
        expireAfterSeconds: 86_400,
      },
    });
    expect(Object.isFrozen(config?.sampling.model)).toBe(true);
  });

  it('records of a strategy only what older campaigns did not know', () => {
    const of = (acquisition: object) => parseCampaign({ ...MINIMAL, acquisition: { batch: 5, ...acquisition } }).config;
    const plain = { batch: 5, weights: { g_vrh: 1, k_vrh: 1 } };
    expect(of({ spread: 'absolute', constraints: {} })?.acquisition).toEqual({ strategy: 'exploration', ...plain });
    expect(of({ strategy: 'greedy', goal: 'max', combine: 'sum' })?.acquisition).toEqual({
      strategy: 'greedy',
      ...plain,
    });
    const all = {
      strategy: 'thompson',
      goal: 'min',
      combine: 'max',
      diversity: 4,
      constraints: { k_vrh: { low: 20 } },
    };
    expect(of(all)?.acquisition).toEqual({ ...all, ...plain });
    expect(of({ spread: 'relative' })?.acquisition).toEqual({ strategy: 'exploration', spread: 'relative', ...plain });
  });

  it('takes a target of another name with its definition', () => {
    const { config } = parseCampaign({ ...MINIMAL, targets: ['k_vrh', { name: 'band_gap', unit: 'eV' }] });
    expect(config).toMatchObject({
      targets: ['band_gap', 'k_vrh'],
      targetDefinitions: [{ name: 'band_gap', unit: 'eV', transform: 'none' }],
      acquisition: { weights: { band_gap: 1, k_vrh: 1 } },
    });
  });

  it('records that a target is learned on a logarithmic scale, and nothing where it is learned as it is', () => {
    const log = { name: 'g_vrh', transform: 'log' };
    const { config } = parseCampaign({ ...MINIMAL, targets: [log, { name: 'k_vrh', unit: 'GPa', transform: 'none' }] });
    expect(config?.targetDefinitions).toEqual([{ name: 'g_vrh', unit: 'GPa', transform: 'log' }]);
    const plain = parseCampaign({ ...MINIMAL, targets: [{ name: 'k_vrh' }, 'g_vrh'] }).config;
    expect(plain).toEqual(parseCampaign(MINIMAL).config);
  });

  it('takes what is said of a table, and keeps what is left out away', () => {
    const said = { columns: { g: 'G' }, structures: 'cifs', unit: 'log10(GPa)', decimal: 'comma' };
    const { config } = parseCampaign({ ...MINIMAL, data: [{ path: 'a.csv', label_set: 'x', ...said }] });
    expect(config?.data).toEqual([{ kind: 'file', path: 'a.csv', labelSet: 'x', ...said }]);
    expect(Object.keys(config!.data[0]!.columns!)).toEqual(['g']);
    expect(issuesOf({ data: [{ ...MINIMAL.data[0], unit: 'psi' }] })).toEqual([
      expect.stringMatching(/^data.0.unit: is "psi", must be one of GPa, kbar/),
    ]);
  });

  it("takes the paper's Model 3 and LightGBM's own settings by name", () => {
    const { config } = parseCampaign({
      ...MINIMAL,
      sampling: { model: 3 },
      ensemble: { booster: { preset: 'lightgbm', trees: 50 } },
    });
    expect(config?.sampling.model).toEqual({ model: 3, trainFromGpa: { g_vrh: 200, k_vrh: 350 } });
    expect(config?.ensemble.booster).toMatchObject({ trees: 50, featureFraction: 1, binsMax: 255 });
  });

  it.each<[string, object]>([
    ['stopp: no such key here', { stopp: {} }],
    ['acquisition.batchSize: no such key here: did you mean batch?', { acquisition: { batchSize: 5 } }],
    ['stop.label: no such key here: did you mean labels?', { stop: { label: 5 } }],
    ['sampling.focus_element: no such key here', { sampling: { model: 2, focus_element: 'Na' } }],
    ['sampling.focus_element: ', { sampling: { model: 1 } }],
    ['sampling.focus_element: is "na": no such element', { sampling: { model: 1, focus_element: 'na' } }],
    ['data_filters.inert_gas: no such key', { data_filters: { inert_gas: true } }],
    ['candidates: candidates are not stated', { candidates: { from: 'data', count: 5, fraction: 0.1 } }],
    ['name: is "Not a name": use 1 to 63', { name: 'Not a name' }],
    ['acquisition.batch: is 0, must be at least 1', { acquisition: { batch: 0 } }],
    ['acquisition.batch: is missing: give a number', { acquisition: {} }],
    ['stop: is empty: give a table of keys, or remove the key', { stop: null }],
    ['seed: is 1.5, must be a whole number', { seed: 1.5 }],
    ['name: is 7, must be text: put it in quotes', { name: 7 }],
    ['sampling.model: is 4, must be one of 1, 2, 3', { sampling: { model: 4 } }],
    ['sampling.model: is missing: give one of 1, 2, 3', { sampling: {} }],
    ['data_filters: is "papr", must be one of paper, none', { data_filters: 'papr' }],
    ['candidates.count: is "ten", must be a number', { candidates: { from: 'data', count: 'ten' } }],
    ['candidates.fraction: is 1, must be below 1', { candidates: { from: 'data', fraction: 1 } }],
    ['targets.0: is "c11", must be one of g_vrh, k_vrh', { targets: ['c11'] }],
    ['targets: a target is named twice', { targets: ['g_vrh', 'g_vrh'] }],
    ['targets.0.unit: is "kbar", and g_vrh is in GPa', { targets: [{ name: 'g_vrh', unit: 'kbar' }] }],
    ['targets.0.name: is "E g": must be 1 to 63 of a-z', { targets: [{ name: 'E g', unit: 'eV' }] }],
    ['targets.0.unit: is missing: give the unit of e_g', { targets: [{ name: 'e_g', transform: 'log' }] }],
    ['calculator.kind: replay reveals known labels', { candidates: { from: 'files', paths: ['a'] } }],
    ['ensemble.members: exploration needs', { ensemble: { members: 1 } }],
    ['acquisition.batch: a batch of 5 exceeds', { stop: { labels: 4 } }],
    [
      'acquisition.weights.k_vrh: k_vrh is no target',
      { targets: ['g_vrh'], acquisition: { batch: 5, weights: { k_vrh: 1 } } },
    ],
    [
      'acquisition.constraints.k_vrh: k_vrh is no target',
      { targets: ['g_vrh'], acquisition: { batch: 5, constraints: { k_vrh: { low: 20 } } } },
    ],
    ['acquisition.constraints.k_vrh: is ', { acquisition: { batch: 5, constraints: { k_vrh: {} } } }],
    ['acquisition.diversity: is 1, must be at least 2', { acquisition: { batch: 5, diversity: 1 } }],
    ['acquisition.diversity: would keep 2400 candidates apart', { acquisition: { batch: 120, diversity: 20 } }],
    ['acquisition.batch: 20 members that each name 2000', { acquisition: { strategy: 'thompson', batch: 2000 } }],
    [
      'acquisition.strategy: pareto weighs two targets',
      { targets: ['k_vrh'], acquisition: { strategy: 'pareto', batch: 5 } },
    ],
    ['acquisition.spread: no such key here', { acquisition: { strategy: 'random', batch: 5, spread: 'relative' } }],
    ['acquisition.weights: every weight is 0', { acquisition: { batch: 5, weights: { g_vrh: 0, k_vrh: 0 } } }],
    [
      'sampling.train_from_gpa.k_vrh: k_vrh is no',
      { targets: ['g_vrh'], sampling: { model: 3, train_from_gpa: { k_vrh: 1 } } },
    ],
    ['calculator.failure_rate: ', { calculator: { kind: 'replay', failure_rate: 0.6, never_returning_rate: 0.6 } }],
    ['data.0.label_set: labels does not accept', { labels: [{ set: 'other' }] }],
    ['data.1.path: elastic', { data: [MINIMAL.data[0], { path: 'elastic.jsonl.gz', label_set: 'x' }] }],
    [
      'sampling.hold_out_fraction: all members would be the same',
      { sampling: { model: 2, hold_out_fraction: 0 }, ensemble: { booster: { preset: 'lightgbm' } } },
    ],
  ])('refuses with %s', (expected, change) => {
    const issues = issuesOf(change);
    expect(
      issues.some((issue) => issue.startsWith(expected)),
      issues.join('\n'),
    ).toBe(true);
  });

  it('reports all that is wrong at once', () => expect(issuesOf({ seed: -1, stopp: 1, targets: [] }).length).toBe(3));

  it.each([null, undefined, 'text', 7, []])('refuses %o', (value) => {
    expect(parseCampaign(value).issues.length).toBeGreaterThan(0);
  });
});
