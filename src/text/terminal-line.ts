const REFRESH_MS = 100;
const COLUMNS_UNKNOWN = 80;
const ERASE_LINE = '\r\u001b[K';

/** Read anew for each line, because the user may resize the terminal. */
export interface Terminal {
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** The last line of a terminal, written over and over. */
export interface TerminalLine {
  /** Shows what `text` makes of the columns, unless less than a tenth of a second has passed. */
  show(text: (columns: number) => string, nowMs: number): void;
  /** Shows the next text whenever it comes. */
  refresh(): void;
  clear(): void;
}

export function createTerminalLine(terminal: Terminal): TerminalLine {
  let shown = false;
  let shownAtMs = Number.NEGATIVE_INFINITY;
  return {
    show(text, nowMs) {
      if (nowMs - shownAtMs < REFRESH_MS) return;
      shownAtMs = nowMs;
      shown = true;
      // One column less, or some terminals wrap.
      terminal.write(`${ERASE_LINE}${text((terminal.columns || COLUMNS_UNKNOWN) - 1)}`);
    },
    refresh() {
      shownAtMs = Number.NEGATIVE_INFINITY;
    },
    clear() {
      if (shown) terminal.write(ERASE_LINE);
      shown = false;
      shownAtMs = Number.NEGATIVE_INFINITY;
    },
  };
}
