import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canBalanceCharge } from '../../../src/kernels/composition/charge-balance.ts';
import { createComposition } from '../../../src/model/composition.ts';
import { OXIDATION_STATES } from '../../../src/model/elements.ts';
import { countsOf } from '../../support/atom-counts.ts';

function balances(amounts: Record<string, number>): boolean {
  const composition = createComposition(countsOf(amounts));
  return canBalanceCharge(composition.atomicNumbers, composition.amounts, OXIDATION_STATES);
}

/** The definition: every combination is tried. */
function balancesByTrial(amounts: readonly number[], states: readonly Int8Array[], sum = 0): boolean {
  const [amount, ...others] = amounts;
  if (amount === undefined) return sum === 0;
  return Array.from(states[0]!).some((q) => balancesByTrial(others, states.slice(1), sum + amount * q));
}

describe('canBalanceCharge', () => {
  it.each([
    [{ Fe: 2, O: 3 }, true],
    [{ Fe: 3, O: 4 }, false],
    [{ Na: 1, O: 1 }, false],
    [{ Mg: 17, Al: 12 }, false],
    [{ C: 3, La: 1 }, true],
    [{ He: 1, Na: 2 }, false],
    [{ F: 1, Cl: 1 }, true],
    [{ F: 1, O: 1 }, false],
  ])('%o: %s', (amounts, expected) => expect(balances(amounts)).toBe(expected));

  it('agrees with trying every combination', () => {
    const state = fc.integer({ min: -8, max: 8 });
    const element = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.uniqueArray(state, { maxLength: 4 }));
    const compound = fc.array(element, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(compound, (elements) => {
        const amounts = elements.map(([amount]) => amount);
        const states = elements.map(([, own]) => Int8Array.from(own).sort());
        const numbers = Uint8Array.from(elements.keys());
        expect(canBalanceCharge(numbers, Float64Array.from(amounts), states)).toBe(balancesByTrial(amounts, states));
      }),
      { numRuns: 500 },
    );
  });

  it('decides at once on 20,000 atoms of 100 elements, whose combinations nobody could try', () => {
    const numbers = Uint8Array.from(Array(119).keys()).filter((z) => (OXIDATION_STATES[z]?.length ?? 0) > 0);
    // Even amounts, and one odd element of odd charge: no combination balances, so none may be skipped.
    const amounts = Float64Array.from(numbers, (z) => (z === 11 ? 199 : 200));
    const begin = process.cpuUsage().user;
    expect(canBalanceCharge(numbers, amounts, OXIDATION_STATES)).toBe(false);
    expect(process.cpuUsage().user - begin).toBeLessThan(500_000);
  });
});
