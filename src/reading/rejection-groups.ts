import { compareIds } from '../model/id-order.ts';
import type { Rejection, RejectionCode } from '../model/rejection.ts';

/** The rejections of one code. */
export interface RejectionGroup<Code extends string = RejectionCode> {
  readonly code: Code;
  readonly count: number;
  /** The first by place. */
  readonly examples: readonly RejectionExample[];
}

export interface RejectionExample {
  /** `labels.jsonl: line 17 (mp-3)` */
  readonly place: string;
  readonly message: string;
}

/** Groups what has a code and a place, the most frequent first; equal for equal sets. */
export function rejectionGroups<Code extends string>(
  all: readonly (RejectionExample & { readonly code: Code })[],
  examplesMax: number,
): RejectionGroup<Code>[] {
  const groups = new Map<Code, RejectionExample[]>();
  for (const { code, place, message } of all) {
    const own = groups.get(code) ?? [];
    own.push({ place, message });
    groups.set(code, own);
  }
  const grouped = [...groups].map(([code, own]) => {
    const examples = own.sort(byPlace).slice(0, examplesMax);
    return { code, count: own.length, examples };
  });
  return grouped.sort((a, b) => b.count - a.count || compareIds(a.code, b.code));
}

/** Where a rejected input stands. */
export function rejectionPlace({ source, locator, materialId }: Rejection): string {
  const place = locator === undefined ? source : `${source}: ${locator}`;
  return materialId === undefined || place.includes(materialId) ? place : `${place} (${materialId})`;
}

/** Numbers in places count as numbers: line 9 before line 17. */
function byPlace(a: RejectionExample, b: RejectionExample): number {
  const key = ({ place, message }: RejectionExample) =>
    `${place} ${message}`.replace(/\d+/g, (digits) => digits.padStart(12, '0'));
  return compareIds(key(a), key(b));
}
