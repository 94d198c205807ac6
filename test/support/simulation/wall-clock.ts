/** The error of a node's wall clock. Its processes cannot know it; they also have a monotonic clock. */
export interface WallClock {
  /** How far the clock is ahead of the true time; negative if it is behind. */
  readonly skewMs: number;
  /** When the clock is set, ms after the world's beginning, and by how much; all processes of the node see it. */
  readonly jumps: readonly { readonly atMs: number; readonly byMs: number }[];
}

export function wallClockMs(trueMs: number, sinceBeginningMs: number, clock?: WallClock): number {
  if (!clock) return trueMs;
  const passed = clock.jumps.filter(({ atMs }) => atMs <= sinceBeginningMs);
  return passed.reduce((ms, { byMs }) => ms + byMs, trueMs + clock.skewMs);
}
