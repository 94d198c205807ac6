import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bindLibrary, SIGNATURES } from '../../../src/adapters/lightgbm/bindings.ts';
import { type Handle, type LightGbm, loadFailure, loadLightGbm } from '../../../src/adapters/lightgbm/native.ts';
import { trainBooster } from '../../../src/adapters/lightgbm/train-booster.ts';
import { treesHash } from '../../../src/adapters/lightgbm/trees-hash.ts';
import { library, MISSING_LIBRARY, openReference, syntheticData } from '../../support/lightgbm.ts';
import { describeUnless, itUnless } from '../../support/needs.ts';

const FOLDER = new URL('../../../src/adapters/lightgbm/', import.meta.url);

/** Stands before the library, counts its live handles and fails at one call. */
function failingAt(call: number) {
  const live = new Set<string>();
  let calls = 0;
  let next = 1n;
  const step = <T>(result: T): T => {
    if (++calls === call) throw new Error(`call ${call}`);
    return result;
  };
  const make = (kind: string) => {
    const handle = step(next++) as Handle;
    live.add(`${kind} ${handle}`);
    return handle;
  };
  const drop = (kind: string, handle: Handle) => {
    if (!live.delete(`${kind} ${handle}`)) throw new Error(`${kind} ${handle} is not live`);
  };
  const lightgbm: LightGbm = {
    createDataset: () => make('dataset'),
    createSubset: () => make('dataset'),
    setLabels: () => step(undefined),
    freeDataset: (handle) => drop('dataset', handle),
    createBooster: () => make('booster'),
    growTree: () => step(false),
    modelText: () => step('text'),
    freeBooster: (handle) => drop('booster', handle),
    contributions: () => step(new Float64Array(1)),
  };
  return { lightgbm, live, calls: () => calls };
}

const job = { dataset: 0n as Handle, rows: Int32Array.of(0), labels: Float32Array.of(1), parameters: '', trees: 5 };

describe('trainBooster', () => {
  it('frees whatever it made, whichever call fails', () => {
    const whole = failingAt(0);
    expect(trainBooster(whole.lightgbm, job, () => true)).toBe('text');
    expect(whole.calls()).toBe(9);
    expect(whole.live.size).toBe(0);
    for (let call = 1; call <= whole.calls(); call++) {
      const { lightgbm, live } = failingAt(call);
      expect(() => trainBooster(lightgbm, job, () => true)).toThrow(`call ${call}`);
      expect(live.size).toBe(0);
    }
  });

  it('frees whatever it made where it is stopped', () => {
    const { lightgbm, live } = failingAt(0);
    expect(() => trainBooster(lightgbm, job, (trees) => trees < 3)).toThrow('after 3 trees');
    expect(live.size).toBe(0);
  });
});

describeUnless(MISSING_LIBRARY, 'the contributions of columns', () => {
  const { matrix, targets } = syntheticData(300, 6, 3);
  const lightgbm = loadLightGbm(library!.path);
  const parameters = 'verbosity=-1 num_threads=1 num_leaves=7 min_data_in_leaf=5';
  const model = (leaves: number) => {
    const dataset = lightgbm.createDataset(matrix.values, matrix.rows, matrix.columns, parameters);
    const rows = Int32Array.from({ length: matrix.rows }, (_, row) => row);
    const grown = { dataset, rows, labels: Float32Array.from(targets), trees: 10 };
    try {
      return trainBooster(lightgbm, { ...grown, parameters: `${parameters} num_leaves=${leaves}` }, () => true);
    } finally {
      lightgbm.freeDataset(dataset);
    }
  };
  const row = (i: number) => matrix.values.slice(i * matrix.columns, (i + 1) * matrix.columns);

  it('add up to the prediction, and are none of a column that tells nothing', () => {
    const text = model(7);
    const reference = openReference(text);
    for (const i of [0, 1, 2, 50, 299]) {
      const found = lightgbm.contributions(text, row(i));
      expect(found).toHaveLength(matrix.columns + 1);
      const [predicted] = reference.predict(row(i), 1, matrix.columns);
      expect(found.reduce((sum, part) => sum + part, 0)).toBeCloseTo(predicted!, 9);
      // Columns 4 and 5 are constant and empty.
      expect([found[4], found[5]]).toEqual([0, 0]);
    }
    reference.free();
  });

  it('names what the library refuses', () => expect(() => lightgbm.contributions('no model', row(0))).toThrow(/LGBM_/));
});

describe('SIGNATURES', () => {
  it('binds every function that the adapter names, and no other', () => {
    const sources = readdirSync(FOLDER).filter((name) => name.endsWith('.ts') && name !== 'bindings.ts');
    const named = sources.flatMap((name) => readFileSync(new URL(name, FOLDER), 'utf8').match(/LGBM_\w+/g) ?? []);
    expect([...new Set(named)].sort()).toEqual(Object.keys(SIGNATURES).sort());
  });

  itUnless(MISSING_LIBRARY, 'finds them all in the library', () => {
    expect(Object.keys(bindLibrary(library!.path, SIGNATURES))).toHaveLength(Object.keys(SIGNATURES).length);
  });
});

describeUnless(MISSING_LIBRARY, 'loadLightGbm', () => {
  it("throws the library's own message", () => {
    const lightgbm = loadLightGbm(library!.path);
    const { matrix } = syntheticData(50, 7, 1);
    const dataset = lightgbm.createDataset(matrix.values, 50, 7, 'verbosity=-1 num_threads=1');
    try {
      expect(() => lightgbm.createSubset(dataset, Int32Array.of(3, 99), '')).toThrow(/LGBM_DatasetGetSubset: .*99/);
      expect(() => lightgbm.setLabels(dataset, Float32Array.of(1))).toThrow(/LGBM_DatasetSetField: .+/);
    } finally {
      lightgbm.freeDataset(dataset);
    }
  });

  it('says how to get what the loader misses', () => {
    expect(loadFailure('x.so', 'libgomp.so.1: cannot open shared object file')).toContain('apt-get install libgomp1');
    expect(loadFailure('x.dylib', 'Library not loaded: @rpath/libomp.dylib')).toContain('brew install libomp');
    expect(() => loadLightGbm('/nowhere/lib_lightgbm.so')).toThrow('LIGHTGBM_LIBRARY');
  });
});

describe('treesHash', () => {
  const text = 'tree\nversion=v4\n\nTree=0\nnum_leaves=1\nleaf_value=2\n\n\nend of trees\n\nparameters:\n[seed: 1]\n';

  it('depends on the trees only', () => {
    // printf 'Tree=0\nnum_leaves=1\nleaf_value=2\n\n\n' | sha256sum
    expect(treesHash(text)).toBe('h1:7de43d82bc0845186af1d0a9e622d390019a46a0dc71c8f8c8959542e401f9f6');
    expect(treesHash(text.replace('seed: 1', 'seed: 2').replace('v4', 'v5'))).toBe(treesHash(text));
    expect(treesHash(text.replace('=2', '=3'))).not.toBe(treesHash(text));
  });

  it('refuses a text without a whole trees section', () => {
    expect(() => treesHash('')).toThrow('Tree=0');
    expect(() => treesHash(text.slice(0, 60))).toThrow('cut off');
  });
});
