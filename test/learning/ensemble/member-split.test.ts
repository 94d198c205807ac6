import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boosterSeed,
  memberRows,
  type SplitSettings,
  splitDraws,
  type TrainingLabels,
} from '../../../src/learning/ensemble/member-split.ts';
import { MODULI } from '../../../src/model/target.ts';
import { hashOf } from '../../support/campaigns.ts';

const MEMBERS = 20;
const SETTINGS: SplitSettings = { holdOutFraction: 0.2, model: { model: 2 }, trainAcquired: false };
const MODEL_3: SplitSettings = { ...SETTINGS, model: { model: 3, trainFromGpa: { g_vrh: 200, k_vrh: 350 } } };

interface Row {
  readonly name: string;
  readonly g: number;
  readonly k: number;
  readonly acquired?: boolean;
}

const labelsOf = (rows: readonly Row[], seed = 1): TrainingLabels => ({
  draws: rows.map(({ name }) => splitDraws(seed, MEMBERS, hashOf(name))),
  targets: MODULI,
  values: Float64Array.from(rows.flatMap(({ g, k }) => [g, k])),
  acquired: Uint8Array.from(rows, ({ acquired }) => (acquired ? 1 : 0)),
});
const MANY = Array.from(
  { length: 2000 },
  (_, i): Row => ({ name: `${i}`, g: i % 250, k: i % 400, acquired: i % 10 === 0 }),
);

describe('splitDraws', () => {
  it('of a member do not depend on how many members there are', () => {
    const draws = splitDraws(1, MEMBERS, hashOf('a'));
    for (const members of [1, 7, 8, 9]) expect(splitDraws(1, members, hashOf('a'))).toEqual(draws.slice(0, members));
  });

  it('differ between members, labels and seeds', () => {
    const draws = [
      splitDraws(1, MEMBERS, hashOf('a')),
      splitDraws(1, MEMBERS, hashOf('b')),
      splitDraws(2, MEMBERS, hashOf('a')),
    ];
    expect(new Set(draws.flatMap((of) => [...of])).size).toBe(3 * MEMBERS);
  });
});

describe('memberRows', () => {
  it('holds out the fraction, within five standard deviations, and another fifth in each member', () => {
    const labels = labelsOf(MANY);
    const out = Array.from({ length: MEMBERS }, (_, m) => new Set(memberRows(labels, m, SETTINGS).heldOut[0]));
    for (const rows of out) expect(Math.abs(rows.size - 400)).toBeLessThan(5 * Math.sqrt(320));
    const common = [...out[0]!].filter((row) => out[9]!.has(row)).length;
    expect(Math.abs(common - 80)).toBeLessThan(45);
  });

  it('keeps every label on its side when labels are added', () => {
    const row = fc.record({ name: fc.string(), g: fc.nat(300), k: fc.nat(500) });
    const rows = fc.uniqueArray(row, { maxLength: 60, selector: ({ name }) => name });
    fc.assert(
      fc.property(rows, fc.nat(60), fc.nat(MEMBERS - 1), (all, n, member) => {
        for (const settings of [SETTINGS, MODEL_3]) {
          const before = memberRows(labelsOf(all.slice(0, n)), member, settings);
          const after = memberRows(labelsOf(all), member, settings);
          const early = after.training.map((indices) => indices.filter((i) => i < n));
          expect(early).toEqual(before.training);
        }
      }),
    );
  });

  it('always trains, per target, on what Model 3 forces', () => {
    const { heldOut, training } = memberRows(labelsOf(MANY), 3, MODEL_3);
    expect(heldOut[0]!.every((i) => MANY[i]!.g < 200)).toBe(true);
    expect(heldOut[1]!.every((i) => MANY[i]!.k < 350)).toBe(true);
    expect(heldOut[0]!.some((i) => MANY[i]!.k >= 350)).toBe(true);
    expect(training[0]!.length + heldOut[0]!.length).toBe(MANY.length);
  });

  it('always trains on acquired labels where the campaign says so', () => {
    const isAcquired = (i: number) => MANY[i]!.acquired === true;
    expect(memberRows(labelsOf(MANY), 0, SETTINGS).heldOut[0]!.some(isAcquired)).toBe(true);
    expect(memberRows(labelsOf(MANY), 0, { ...SETTINGS, trainAcquired: true }).heldOut[0]!.some(isAcquired)).toBe(
      false,
    );
  });

  it('leaves a label out for the target that it does not know', () => {
    const { training, heldOut } = memberRows(labelsOf([{ name: 'x', g: Number.NaN, k: 5 }]), 0, SETTINGS);
    expect(training[0]!.length + heldOut[0]!.length).toBe(0);
    expect(training[1]!.length + heldOut[1]!.length).toBe(1);
  });
});

describe('boosterSeed', () => {
  it('differs between campaigns, members and targets', () => {
    const seeds = [1, 2].flatMap((seed) =>
      [0, 1, 2].flatMap((m) => MODULI.map((target) => boosterSeed(seed, m, target))),
    );
    expect(new Set(seeds).size).toBe(12);
  });
});
