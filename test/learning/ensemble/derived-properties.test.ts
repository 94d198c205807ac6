import { describe, expect, it } from 'vitest';
import { derivedProperties, tendency } from '../../../src/learning/ensemble/derived-properties.ts';

describe('derived properties', () => {
  it('are those of each member, then averaged: errors of G and K that go together do not count twice', () => {
    // G and K of both members are in the ratio 1 to 2, so what depends on the ratio alone has no error.
    const derived = derivedProperties([
      { shear: 40, bulk: 80 },
      { shear: 60, bulk: 120 },
    ])!;
    expect(derived.pugh_ratio).toEqual({ mean: 2, stdev: 0 });
    expect(derived.homogeneous_poisson.stdev).toBe(0);
    // E = 9 K G / (3 K + G) = 18 G / 7.
    expect(derived.young_modulus.mean).toBeCloseTo((18 * 50) / 7, 10);
    expect(derived.young_modulus.stdev).toBeCloseTo((18 * 10) / 7, 10);
    expect(tendency(derived)).toBe('ductile');
  });

  it("leave out Chen's hardness below zero, where the fit ends", () => {
    const soft = derivedProperties([{ shear: 1, bulk: 10 }])!;
    expect(soft.vickers_chen).toBeUndefined();
    expect(soft.vickers_tian.mean).toBeGreaterThan(0);
    const diamond = derivedProperties([{ shear: 535.5, bulk: 442.3 }])!;
    expect(diamond.vickers_chen?.mean).toBeCloseTo(95.745, 3);
    expect(diamond.vickers_tian.mean).toBeCloseTo(97.762, 3);
    expect(tendency(diamond)).toBe('brittle');
  });

  it('are none where a member predicts no stable solid', () => {
    expect(
      derivedProperties([
        { shear: 10, bulk: 20 },
        { shear: -0.1, bulk: 20 },
      ]),
    ).toBeUndefined();
  });
});
