import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { atomicNumber } from '../../src/model/element-symbols.ts';
import { MAGPIE_PROPERTIES } from '../../src/model/elements/magpie-properties.ts';
import {
  ATOMIC_WEIGHT,
  ELEMENT_STRIDE,
  isNobleGas,
  isRadioactive,
  MAGPIE_TABLE,
  OXIDATION_STATES,
  PAULING_ELECTRONEGATIVITY,
  PAULING_ELECTRONEGATIVITY_IMPUTED,
} from '../../src/model/elements.ts';

const golden = new URL('../fixtures/composition-golden.json', import.meta.url);
const { elementTablesSha256: expected } = JSON.parse(readFileSync(golden, 'utf8'));
const ALL = Array.from({ length: 118 }, (_, i) => i + 1);

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');

/** The hash of little-endian Float64 values of all elements, row by row. */
function tableHash(table: Float64Array): string {
  const rows = table.length / ELEMENT_STRIDE;
  const bytes = new DataView(new ArrayBuffer(rows * 118 * 8));
  for (let row = 0; row < rows; row++) {
    for (const z of ALL) bytes.setFloat64((row * 118 + z - 1) * 8, table[row * ELEMENT_STRIDE + z]!, true);
  }
  return sha256(new Uint8Array(bytes.buffer));
}

describe('element tables', () => {
  it('equal those of matminer to the last bit', () => {
    expect(tableHash(MAGPIE_TABLE)).toBe(expected.magpie);
    expect(tableHash(PAULING_ELECTRONEGATIVITY_IMPUTED)).toBe(expected.electronegativity);
    expect(tableHash(ATOMIC_WEIGHT)).toBe(expected.atomicWeight);
    expect(sha256(ALL.map((z) => OXIDATION_STATES[z]!.join(',')).join(';'))).toBe(expected.oxidationStates);
  });

  it('impute by the mean of what is known', () => {
    for (const { imputed, values } of MAGPIE_PROPERTIES)
      expect(imputed / mean(values.trim().split(/\s+/))).toBeCloseTo(1, 14);
    expect(mean(Array.from(PAULING_ELECTRONEGATIVITY, String))).toBeCloseTo(1.713, 14);
  });

  it('have no element at index 0, so that a slip shows as NaN', () => {
    expect(MAGPIE_PROPERTIES.map((_, property) => MAGPIE_TABLE[property * ELEMENT_STRIDE])).toEqual(
      Array(22).fill(Number.NaN),
    );
  });

  it('know the noble gases and the radioactive elements', () => {
    const numbers = (symbols: string) => symbols.split(' ').map(atomicNumber);
    expect(ALL.filter(isNobleGas)).toEqual(numbers('He Ne Ar Kr Xe Rn'));
    expect(ALL.filter(isRadioactive)).toEqual([...numbers('Tc Pm'), ...ALL.slice(83)]);
  });
});

function mean(words: readonly string[]): number {
  const known = words.map(Number).filter((x) => !Number.isNaN(x));
  return known.reduce((sum, x) => sum + x, 0) / known.length;
}
