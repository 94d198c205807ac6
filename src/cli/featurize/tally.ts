import { grouped } from '../progress/progress-text.ts';

/** How many structures became what. */
export interface Tally {
  featurized: number;
  /** By rejection code. */
  rejected: Record<string, number>;
}

export function createTally(): Tally {
  return { featurized: 0, rejected: {} };
}

export function rejectedCount(tally: Tally): number {
  return Object.values(tally.rejected).reduce((sum, count) => sum + count, 0);
}

/** `9,564 structures: 9,560 featurized, 4 rejected (overlapping_sites 3, bad_number 1)`, the most frequent reason first. */
export function describeTally(tally: Tally): string {
  const rejected = rejectedCount(tally);
  const total = tally.featurized + rejected;
  const reasons = Object.entries(tally.rejected)
    .sort(([codeA, a], [codeB, b]) => b - a || (codeA < codeB ? -1 : 1))
    .map(([code, count]) => `${code} ${grouped(count)}`);
  const because = reasons.length > 0 ? ` (${reasons.join(', ')})` : '';
  const noun = total === 1 ? 'structure' : 'structures';
  return `${grouped(total)} ${noun}: ${grouped(tally.featurized)} featurized, ${grouped(rejected)} rejected${because}`;
}
