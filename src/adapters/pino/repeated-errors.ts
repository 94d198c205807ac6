import type { Clock } from '../../ports/clock.ts';

const QUIET_MS = 30_000;
/** Where every error differs, as with an offset in its words, memory must not grow. */
const ERRORS_MAX = 1000;

/** The last of the lines that were left out, and how many they were. */
export interface LeftOut<Line> {
  readonly line: Line;
  readonly count: number;
}

export interface RepeatedErrors<Line> {
  /** How many of its kind were left out since the last one was said; undefined where this one is to be left out too. */
  admit(kind: string, line: Line): number | undefined;
  /** What was left out of errors that have not come again for long enough; told once. */
  over(): LeftOut<Line>[];
  /** What was left out of all, at the end. */
  all(): LeftOut<Line>[];
}

/** So that a fault that lasts is said, and then said again once in a while, however often it is met. */
export function createRepeatedErrors<Line>(clock: Pick<Clock, 'monotonic'>): RepeatedErrors<Line> {
  /** In the order in which they were said. */
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
