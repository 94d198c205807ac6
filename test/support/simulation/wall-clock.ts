/** What is wrong with a node's clock, which its processes cannot know: they have their monotonic one beside it. */
export interface WallClock {
  /** Ahead of the true time, or behind it. */
  readonly skewMs: number;
  /** When it is set, ms after the world's beginning, and by how much; seen by every process of the node. */
  readonly jumps: readonly { readonly atMs: number; readonly byMs: number }[];
}

export function wallClockMs(trueMs: number, sinceBeginningMs: number, clock?: WallClock): number {
  if (!clock) return trueMs;
  const passed = clock.jumps.filter(({ atMs }) => atMs <= sinceBeginningMs);
  return passed.reduce((ms, { byMs }) => ms + byMs, trueMs + clock.skewMs);
}
