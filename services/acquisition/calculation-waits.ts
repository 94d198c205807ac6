/*
 * How long a round's calculations have been awaited, by clocks of which none need be right:
 * 1. What passes while this process lives is told by its monotonic clock, from when it read the selection.
 * 2. What passed before is told by the log: whoever awaits calculations asks for them when it begins, so that the times of
 *    selection and requests show how long earlier processes have waited.
 * 3. Such a time is what some node's clock showed, and clocks are hours off and are set. So no step between two of them
 *    counts for more than a share of the whole wait: a clock that jumps takes no more than that away, and however often
 *    processes are replaced, the wait comes to its end.
 * 4. What both tell of is counted once.
 * 5. What was parked waits anew: nothing of it was done meanwhile. Of a round that is over nothing is kept.
 * 6. What people calculate takes as long as it takes, unless the campaign says otherwise.
 */

/** A step between two times of the log counts for at most this share of what a calculation is given. */
const STEP_SHARE_MAX = 1 / 8;

interface Wait {
  readonly calculations: readonly string[];
  readonly expireAfterMs: number;
  /** The latest time that the log has shown. */
  shownMs: number;
  /** What the log tells has passed. */
  toldMs: number;
  /** What had passed by all we know when the monotonic clock showed `countedAtMs`. */
  countedMs: number;
  countedAtMs: number;
}

export interface CalculationWaits {
  /** A round's selection was read, made at that time by its writer's clock, or a resumption after it was parked. */
  begin(round: string, calculations: readonly string[], selectedMs: number, expireAfterMs: number): void;
  /** A request for the calculation was read, made at that time by somebody's clock. */
  requested(calculation: string, requestedMs: number): void;
  /** The round is closed, or its campaign has stopped. */
  end(round: string): void;
  /** How many rounds and requests are remembered. */
  remembered(): number;
  /** When the wait will be over, by the monotonic clock; 0 before `begin`. */
  overAtMs(round: string): number;
}

export function createCalculationWaits(monotonic: () => number): CalculationWaits {
  const waits = new Map<string, Wait>();
  const roundsOf = new Map<string, Set<string>>();
  /** Requests of which no selection is known: topics come in no order. */
  const early = new Map<string, number[]>();

  function count(wait: Wait, timeMs: number): void {
    const now = monotonic();
    wait.toldMs += Math.min(Math.max(0, timeMs - wait.shownMs), STEP_SHARE_MAX * wait.expireAfterMs); // 3
    wait.shownMs = Math.max(wait.shownMs, timeMs);
    wait.countedMs = Math.max(wait.countedMs + now - wait.countedAtMs, wait.toldMs); // 4
    wait.countedAtMs = now;
  }

  return {
    begin(round, calculations, selectedMs, expireAfterMs) {
      const wait: Wait = {
        ...{ calculations, expireAfterMs, shownMs: selectedMs, toldMs: 0 },
        ...{ countedMs: 0, countedAtMs: monotonic() },
      };
      waits.set(round, wait);
      for (const calculation of calculations) {
        roundsOf.set(calculation, (roundsOf.get(calculation) ?? new Set()).add(round));
      }
      const known = calculations.flatMap((calculation) => early.get(calculation) ?? []);
      for (const timeMs of known.sort((a, b) => a - b)) count(wait, timeMs);
    },
    requested(calculation, requestedMs) {
      const rounds = roundsOf.get(calculation) ?? [];
      for (const round of rounds) count(waits.get(round)!, requestedMs);
      // Another campaign may select it yet.
      early.set(calculation, [...(early.get(calculation) ?? []), requestedMs]);
    },
    end(round) {
      for (const calculation of waits.get(round)?.calculations ?? []) {
        const rounds = roundsOf.get(calculation);
        rounds?.delete(round);
        if (rounds?.size !== 0) continue;
        roundsOf.delete(calculation);
        early.delete(calculation);
      }
      waits.delete(round);
    },
    remembered: () => waits.size + roundsOf.size + early.size,
    overAtMs(round) {
      const wait = waits.get(round);
      if (wait?.expireAfterMs === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY; // 6
      return wait === undefined ? 0 : wait.countedAtMs + wait.expireAfterMs - wait.countedMs;
    },
  };
}
