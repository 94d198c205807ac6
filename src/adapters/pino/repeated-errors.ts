import type { Clock } from '../../ports/clock.ts';

const QUIET_MS = 30_000;
/** Limits the memory when every error has a different text, such as an offset. */
const ERRORS_MAX = 1000;

/** The last of the lines that were left out, and their number. */
export interface LeftOut<Line> {
  readonly line: Line;
  readonly count: number;
}

export interface RepeatedErrors<Line> {
  /**
   * Returns how many lines of this kind were left out since the last one was logged; undefined if this line must be
   * left out, too.
   */
  admit(kind: string, line: Line): number | undefined;
  /** Returns the left-out lines of errors whose quiet time is over, once each. */
  over(): LeftOut<Line>[];
  /** Returns all left-out lines; for the end of the process. */
  all(): LeftOut<Line>[];
}

/**
 * Limits repeated errors: a lasting fault is logged once and then once per quiet time (30 s), however often it occurs.
 */
export function createRepeatedErrors<Line>(clock: Pick<Clock, 'monotonic'>): RepeatedErrors<Line> {
  /** In the order in which they were logged. */
  const said = new Map<string, { readonly since: number; line: Line; count: number }>();

  function removed(isOver: (since: number) => boolean): LeftOut<Line>[] {
    const found: LeftOut<Line>[] = [];
    for (const [kind, { since, line, count }] of said) {
      if (!isOver(since)) break;
      said.delete(kind);
      if (count > 0) found.push({ line, count });
    }
    return found;
  }

  return {
    admit(kind, line) {
      const now = clock.monotonic();
      const last = said.get(kind);
      if (last && now - last.since < QUIET_MS) {
        Object.assign(last, { line, count: last.count + 1 });
        return undefined;
      }
      said.delete(kind);
      said.set(kind, { since: now, line, count: 0 });
      return last?.count ?? 0;
    },
    over() {
      const now = clock.monotonic();
      return removed((since) => now - since >= QUIET_MS || said.size > ERRORS_MAX);
    },
    all: () => removed(() => true),
  };
}
