/** The time since then (`performance.now()`), for the table. */
export function elapsed(begun: number): string {
  return `${((performance.now() - begun) / 1000).toFixed(1)} s`;
}
