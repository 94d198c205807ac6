export type Colour = 'red' | 'yellow' | 'green';

/** How text is shown where it goes: files and pipes take it as it is, whatever the terminal. */
export interface TextStyle {
  /** Infinity where nothing is known. */
  readonly columns: number;
  paint(colour: Colour, text: string): string;
}

export const PLAIN: TextStyle = { columns: Number.POSITIVE_INFINITY, paint: (_, text) => text };

const COLOUR_CODES: Readonly<Record<Colour, number>> = { red: 31, yellow: 33, green: 32 };

/** @param stream asked anew at each text; a terminal's knows of NO_COLOR and FORCE_COLOR */
export function styleOf(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'hasColors'>): TextStyle {
  if (!stream.isTTY) return PLAIN;
  return {
    get columns() {
      return stream.columns || Number.POSITIVE_INFINITY;
    },
    paint: (colour, text) => (stream.hasColors() ? `\u001b[${COLOUR_CODES[colour]}m${text}\u001b[39m` : text),
  };
}

/** Breaks a line at spaces so that it fits the columns; what follows is indented. A longer word is left whole. */
export function wrapped(line: string, columns: number, indent: number): string {
  if (line.length <= columns) return line;
  const rows: string[] = [];
  let row = '';
  for (const [piece, spaces, word] of line.matchAll(/(\s*)(\S+)/g)) {
    if (row.trim() !== '' && row.length + piece.length > columns) {
      rows.push(row);
      row = ' '.repeat(indent) + word;
    } else row += spaces! + word!;
  }
  return [...rows, row].join('\n');
}
