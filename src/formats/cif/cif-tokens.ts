import { RejectedInput } from '../../model/rejection.ts';

/** The kind of a token. The text of a value lies between `start` and `end`, without its quotes. */
export type CifTokenKind = 'data' | 'loop' | 'save' | 'name' | 'value' | 'end';

const [TAB, LF, CR, SPACE, QUOTE, HASH, APOSTROPHE, SEMICOLON] = [9, 10, 13, 32, 34, 35, 39, 59];

function isBlank(code: number): boolean {
  return code === SPACE || code === LF || code === TAB || code === CR || Number.isNaN(code);
}

function isLineEnd(code: number): boolean {
  return code === LF || code === CR || Number.isNaN(code);
}

/**
 * Splits CIF 1.1 text, and the part of CIF 2.0 that structures need (triple quotes, bracketed lists), into tokens. It
 * creates no strings: the reader slices only those that it needs, so a file of any size costs one pass and no memory.
 */
export class CifTokens {
  readonly text: string;
  /** Kind, start and end of the current token. */
  kind: CifTokenKind = 'value';
  start = 0;
  end = 0;
  readonly #isVersion2: boolean;
  #offset = 0;
  #line = 1;
  #countedTo = 0;

  constructor(text: string) {
    this.text = text;
    this.#isVersion2 = /^\uFEFF?#\\#CIF_2\.0\b/.test(text.slice(0, 16));
  }

  /** The text of the current token. */
  get value(): string {
    return this.text.slice(this.start, this.end);
  }

  /**
   * The number of the line on which the current token starts. Each call continues from the previous one, so all calls
   * together cost one pass.
   */
  get line(): number {
    for (
      let i = this.text.indexOf('\n', this.#countedTo);
      i >= 0 && i < this.start;
      i = this.text.indexOf('\n', i + 1)
    ) {
      this.#line++;
      this.#countedTo = i + 1;
    }
    return this.#line;
  }

  /**
   * Advances to the next token.
   * @throws RejectedInput `bad_syntax` if a quote or text field never ends; the next call continues after it
   */
  next(): void {
    // If #read throws, the previous token's kind must not remain, because readers use it to continue.
    this.kind = 'value';
    this.kind = this.#read();
  }

  #read(): CifTokenKind {
    const { text } = this;
    let i = this.#skipBlanks();
    this.start = i;
    if (i >= text.length) {
      this.end = i;
      return 'end';
    }
    const code = text.charCodeAt(i);
    if (code === SEMICOLON && (i === 0 || isLineEnd(text.charCodeAt(i - 1)))) return this.#textField(i);
    if (code === QUOTE || code === APOSTROPHE) return this.#quoted(i, code);
    if (this.#isVersion2 && (text[i] === '[' || text[i] === '{')) return this.#bracketed(i);
    while (!isBlank(text.charCodeAt(i))) i++;
    this.end = this.#offset = i;
    return this.#kindOfWord();
  }

  #skipBlanks(): number {
    const { text } = this;
    let i = this.#offset;
    for (;;) {
      const code = text.charCodeAt(i);
      if (code === HASH) while (!isLineEnd(text.charCodeAt(i))) i++;
      else if (i < text.length && isBlank(code)) i++;
      else return i;
    }
  }

  #kindOfWord(): CifTokenKind {
    const first = this.text[this.start];
    if (first === '_') return 'name';
    // Reserved words start with at most 7 characters, so compare only these and do not slice long values.
    const head = this.text.slice(this.start, Math.min(this.end, this.start + 7)).toLowerCase();
    if (head.startsWith('data_')) {
      this.start += 5;
      return 'data';
    }
    if (head === 'loop_') return 'loop';
    if (head.startsWith('save_') || head === 'global_' || head.startsWith('stop_')) return 'save';
    return 'value';
  }

  #textField(at: number): CifTokenKind {
    const { text } = this;
    this.start = at + 1;
    for (let i = at + 1; ; i++) {
      i = text.indexOf(';', i);
      if (i < 0) return this.#unended('the text field that starts with ";" has no closing line ";"');
      if (isLineEnd(text.charCodeAt(i - 1)) && i > at + 1) {
        this.end = i - 1;
        this.#offset = i + 1;
        return 'value';
      }
    }
  }

  #quoted(at: number, quote: number): CifTokenKind {
    const { text } = this;
    const triple = text[at]!.repeat(3);
    if (this.#isVersion2 && text.startsWith(triple, at)) {
      const end = text.indexOf(triple, at + 3);
      this.start = at + 3;
      if (end < 0) return this.#unended('the triple quote never ends');
      this.end = end;
      this.#offset = end + 3;
      return 'value';
    }
    this.start = at + 1;
    for (let i = at + 1; ; i++) {
      const code = text.charCodeAt(i);
      if (isLineEnd(code)) {
        this.#offset = i;
        throw new RejectedInput('bad_syntax', `line ${this.line}: the quoted text does not end on its line`);
      }
      // A quote inside a word belongs to the word ('a dog's life'): only a quote before a blank ends the text.
      if (code === quote && isBlank(text.charCodeAt(i + 1))) {
        this.end = i;
        this.#offset = i + 1;
        return 'value';
      }
    }
  }

  /** A CIF 2 list or table counts as one value; nothing that we read is stored in one. */
  #bracketed(at: number): CifTokenKind {
    const { text } = this;
    let depth = 0;
    for (let i = at; i < text.length; i++) {
      const c = text[i];
      if (c === '[' || c === '{') depth++;
      else if ((c === ']' || c === '}') && --depth === 0) {
        this.end = this.#offset = i + 1;
        return 'value';
      } else if (c === '"' || c === "'") {
        const close = text.indexOf(c, i + 1);
        if (close < 0) break;
        i = close;
      }
    }
    return this.#unended('the bracket never closes');
  }

  #unended(what: string): never {
    const { line } = this;
    this.#offset = this.text.length;
    throw new RejectedInput('bad_syntax', `line ${line}: ${what}`);
  }
}
