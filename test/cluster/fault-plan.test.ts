import { describe, expect, it } from 'vitest';
import { FAULT_KINDS, faultText, type PlannedFault, planFaults } from '../support/cluster/faults/fault-plan.ts';

const MODULI = { services: ['a-1', 'b-1'], brokers: 3, links: ['nats of a-1'], brokerLinks: ['kafka of broker 0'] };
const FAULTS = 500;

function drawn(seed: number): PlannedFault[] {
  const plan = planFaults(seed, MODULI, 'kill two brokers');
  return Array.from({ length: FAULTS }, () => plan.next().value);
}

describe('the plan of faults', () => {
  it('is the same for a seed, begins as it is told, and holds every kind', () => {
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)[0]!.kind).toBe('kill two brokers');
    expect(new Set(drawn(1).map(({ kind }) => kind))).toEqual(new Set(['quiet', ...FAULT_KINDS]));
  });

  it('strikes two parties at once, never brokers twice', () => {
    const pairs = drawn(2).filter(({ beside }) => beside !== undefined);
    expect(pairs.length).toBeGreaterThan(FAULTS / 10);
    for (const pair of pairs) {
      expect(faultText(pair)).toContain(' and ');
      expect(pair.kind.includes('broker') && pair.beside!.kind.includes('broker')).toBe(false);
    }
  });
});
