import { describe, expect, it } from 'vitest';
import { createTally, describeTally, rejectedCount } from '../../../src/cli/featurize/tally.ts';

describe('describeTally', () => {
  it('names reasons by frequency, then by name', () => {
    const tally = { featurized: 9560, rejected: { bad_number: 1, bad_lattice: 1, overlapping_sites: 3000 } };
    expect(describeTally(tally)).toBe(
      '12,562 structures: 9,560 featurized, 3,002 rejected (overlapping_sites 3,000, bad_lattice 1, bad_number 1)',
    );
    expect(rejectedCount(tally)).toBe(3002);
  });

  it('speaks of one structure and of none', () => {
    expect(describeTally({ featurized: 1, rejected: {} })).toBe('1 structure: 1 featurized, 0 rejected');
    expect(describeTally(createTally())).toBe('0 structures: 0 featurized, 0 rejected');
  });
});
