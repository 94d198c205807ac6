const BAR_COLUMNS = { min: 5, max: 30 };

/** `[====    ]` within `columns`; undefined where they are too few to show anything. */
export function bar(fraction: number, columns: number): string | undefined {
  const width = Math.min(BAR_COLUMNS.max, columns - 2);
  if (width < BAR_COLUMNS.min) return undefined;
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return `[${'='.repeat(filled)}${' '.repeat(width - filled)}]`;
}

/** `0:07`, `12:34`, `2:03:04`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** 9564 as `9,564`. Not by toLocaleString, which takes 25 ms to load its tables. */
export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}
