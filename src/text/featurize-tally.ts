import type { Rejection } from '../model/rejection.ts';
import { grouped } from './progress-text.ts';

/** How many structures became what. */
export interface Tally {
  featurized: number;
  /** By rejection code. */
  rejected: Record<string, number>;
  /** By rejection code, where the first one was met and what was wrong there. */
  firsts: Record<string, string>;
}

export function createTally(): Tally {
  return { featurized: 0, rejected: {}, firsts: {} };
}

export function countRejection(tally: Tally, { code, source, locator, materialId, message }: Rejection): void {
  tally.rejected[code] = (tally.rejected[code] ?? 0) + 1;
  const place = new Set([source, locator, materialId].filter((part) => part !== undefined));
  tally.firsts[code] ??= `${[...place].join(', ')}: ${message}`;
}

export function rejectedCount(tally: Tally): number {
  return Object.values(tally.rejected).reduce((sum, count) => sum + count, 0);
}

/** `9,564 structures: 9,560 featurized, 4 rejected (overlapping_sites 3, bad_number 1)`, the most frequent reason first. */
export function describeTally(tally: Tally): string {
  const rejected = rejectedCount(tally);
  const total = tally.featurized + rejected;
  const reasons = byFrequency(tally).map(([code, count]) => `${code} ${grouped(count)}`);
  const because = reasons.length > 0 ? ` (${reasons.join(', ')})` : '';
  const noun = total === 1 ? 'structure' : 'structures';
  return `${grouped(total)} ${noun}: ${grouped(tally.featurized)} featurized, ${grouped(rejected)} rejected${because}`;
}

/** A line per reason, the most frequent first: `  bad_number 3, first in a.cif, line 7: "x" is no number`. */
export function reasonLines(tally: Tally): string[] {
  return byFrequency(tally).map(([code, count]) => {
    const first = tally.firsts[code];
    if (first === undefined) return `  ${code} ${grouped(count)}`;
    return `  ${code} ${grouped(count)}, ${count > 1 ? 'first ' : ''}in ${first}`;
  });
}

function byFrequency({ rejected }: Tally): [string, number][] {
  return Object.entries(rejected).sort(([codeA, a], [codeB, b]) => b - a || (codeA < codeB ? -1 : 1));
}
