import { bar, duration, grouped } from './progress-text.ts';
import { createTerminalLine, type Terminal } from './terminal-line.ts';

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
  const drawn = bar(fraction, columns - text.length - 1);
  return drawn === undefined ? text.slice(0, columns) : `${drawn} ${text}`;
}

export interface ProgressLine {
  show(progress: Progress): void;
  clear(): void;
}

/** Keeps one line of a terminal up to date, a few times a second; does nothing where `terminal` is undefined. */
export function createProgressLine(terminal: Terminal | undefined): ProgressLine {
  const line = terminal && createTerminalLine(terminal);
  return {
    show: (progress) => line?.show((columns) => progressText(progress, columns), progress.elapsedMs),
    clear: () => line?.clear(),
  };
}
