import { describe, expect, it } from 'vitest';
import {
  countRejection,
  createTally,
  describeTally,
  reasonLines,
  rejectedCount,
} from '../../src/text/featurize-tally.ts';

describe('describeTally', () => {
  it('names reasons by frequency, then by name', () => {
    const tally = {
      ...createTally(),
      featurized: 9560,
      rejected: { bad_number: 1, bad_lattice: 1, overlapping_sites: 3000 },
    };
    expect(describeTally(tally)).toBe(
      '12,562 structures: 9,560 featurized, 3,002 rejected (overlapping_sites 3,000, bad_lattice 1, bad_number 1)',
    );
    expect(rejectedCount(tally)).toBe(3002);
  });

  it('speaks of one structure and of none', () => {
    expect(describeTally({ ...createTally(), featurized: 1 })).toBe('1 structure: 1 featurized, 0 rejected');
    expect(describeTally(createTally())).toBe('0 structures: 0 featurized, 0 rejected');
  });
});

describe('reasonLines', () => {
  it('says of each reason how often, and where and what it was first', () => {
    const tally = createTally();
    countRejection(tally, { code: 'bad_lattice', source: 'a.cif', message: 'its volume is 0' });
    countRejection(tally, { code: 'bad_number', source: 'b.jsonl', locator: 'line 7', message: '"x" is no number' });
    countRejection(tally, { code: 'bad_number', source: 'c.jsonl', message: 'another' });
    expect(reasonLines(tally)).toEqual([
      '  bad_number 2, first in b.jsonl, line 7: "x" is no number',
      '  bad_lattice 1, in a.cif: its volume is 0',
    ]);
    expect(reasonLines(createTally())).toEqual([]);
  });

  it('counts alone what an interrupted run of an older version has met', () => {
    expect(reasonLines({ ...createTally(), rejected: { bad_number: 4 } })).toEqual(['  bad_number 4']);
  });
});
