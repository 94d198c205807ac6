import { RejectedInput } from '../model/rejection.ts';

/** Lines of outputs have a few hundred characters, the comment of an extended XYZ frame a few thousand. */
const LINE_CHARACTERS_MAX = 1024 * 1024;

/** Cuts text that arrives in pieces into lines, without their ends. It holds at most one line. */
export class LineCutter {
  /** Number of the line that was given out last, from 1. */
  line = 0;
  #rest = '';

  /**
   * Yields the lines that the piece completes.
   * @throws RejectedInput `too_large` if a line is absurdly long
   */
  *push(piece: string): Generator<string, void, void> {
    let start = 0;
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
      const line = this.#rest + piece.slice(start, end);
      this.#rest = '';
      start = end + 1;
      yield this.#given(line);
    }
    this.#rest += piece.slice(start);
    if (this.#rest.length > LINE_CHARACTERS_MAX) throw this.#tooLong();
  }

  /** Yields the last line if the text does not end with a line feed. */
  *end(): Generator<string, void, void> {
    if (this.#rest !== '') yield this.#given(this.#rest);
    this.#rest = '';
  }

  #given(line: string): string {
    if (line.length > LINE_CHARACTERS_MAX) throw this.#tooLong();
    this.line++;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }

  #tooLong(): RejectedInput {
    const limit = `more than ${LINE_CHARACTERS_MAX} characters: this is no output of the program`;
    return new RejectedInput('too_large', `line ${this.line + 1} has ${limit}`);
  }
}
