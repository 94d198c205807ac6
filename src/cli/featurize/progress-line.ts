import { grouped } from './tally.ts';

const REFRESH_MS = 100;
const BAR_COLUMNS_MAX = 30;
const ERASE_LINE = '\r\u001b[K';

export interface Progress {
  readonly structures: number;
  /** Those of them that an interrupted run has done. */
  readonly structuresBefore: number;
  readonly rejected: number;
  readonly bytesRead: number;
  /** Undefined for standard input. */
  readonly bytesTotal: number | undefined;
  readonly elapsedMs: number;
}

/** One line of at most `columns` characters: bar and time left where the end is known, count, rate, rejections. */
export function progressText(progress: Progress, columns: number): string {
  const { structures, structuresBefore, rejected, bytesRead, bytesTotal, elapsedMs } = progress;
  const parts = [`${grouped(structures)} structures`];
  if (elapsedMs > 0) parts.push(`${grouped(((structures - structuresBefore) / elapsedMs) * 1000)}/s`);
  if (rejected > 0) parts.push(`${grouped(rejected)} rejected`);
  if (!bytesTotal) return parts.join('  ').slice(0, columns);
  const fraction = Math.min(1, bytesRead / bytesTotal);
  if (fraction > 0) parts.push(`${duration((elapsedMs / fraction) * (1 - fraction))} left`);
  const text = `${String(Math.floor(100 * fraction)).padStart(3)} %  ${parts.join('  ')}`;
  const width = Math.min(BAR_COLUMNS_MAX, columns - text.length - 3);
  if (width < 5) return text.slice(0, columns);
  const filled = Math.round(fraction * width);
  return `[${'='.repeat(filled)}${' '.repeat(width - filled)}] ${text}`;
}

/** `0:07`, `12:34`, `2:03:04`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export interface ProgressLine {
  show(progress: Progress): void;
  clear(): void;
}

/** Keeps one line of a terminal up to date, a few times a second; does nothing where `terminal` is undefined. */
export function createProgressLine(terminal: NodeJS.WriteStream | undefined): ProgressLine {
  let shownAtMs = Number.NEGATIVE_INFINITY;
  return {
    show(progress) {
      if (!terminal || progress.elapsedMs - shownAtMs < REFRESH_MS) return;
      shownAtMs = progress.elapsedMs;
      // One column less, or some terminals wrap.
      terminal.write(`${ERASE_LINE}${progressText(progress, (terminal.columns || 80) - 1)}`);
    },
    clear() {
      if (terminal && shownAtMs >= 0) terminal.write(ERASE_LINE);
      shownAtMs = Number.NEGATIVE_INFINITY;
    },
  };
}
