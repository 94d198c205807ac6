import { RejectedInput } from '../../model/rejection.ts';
import { joinedBytes } from '../joined-bytes.ts';

const [QUOTE, COMMA, BACKSLASH, COLON] = [0x22, 0x2c, 0x5c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
/** `"data"` */
const DATA_KEY = [0x22, 0x64, 0x61, 0x74, 0x61, 0x22];

/** An entry of the list: its text, or undefined if it is longer than may be kept. */
export type ScannedEntry = Uint8Array | undefined;

export interface ScanLimits {
  /** Bytes of an entry; a longer one is passed over. */
  readonly entryBytesMax: number;
  /** Bytes before the list. */
  readonly headBytesMax: number;
}

/**
 * Finds the entries of a JSON list as its bytes come, without holding the list: of the document itself, or of its member
 * `data`. The entries' own syntax is left to whoever parses them.
 */
export class EntryScanner {
  readonly #limits: ScanLimits;
  #state: 'before' | 'entries' | 'after' = 'before';
  #depth = 0;
  #listDepth = 1;
  #inString = false;
  #escaped = false;
  /** Bytes of the latest string at depth 1 that match `"data"`; -1 once they do not. */
  #keyMatch = 0;
  #isDataNext = false;
  #parts: Uint8Array[] = [];
  #size = 0;
  #isSkipping = false;
  #head: Uint8Array[] = [];
  #headSize = 0;

  constructor(limits: ScanLimits) {
    this.#limits = limits;
  }

  /** Whether the list has begun: before, the document may be of another kind. */
  get hasList(): boolean {
    return this.#state !== 'before';
  }

  /** Everything before the list, or all of it if there is none. */
  get head(): Uint8Array<ArrayBuffer> {
    return joinedBytes(this.#head, this.#headSize);
  }

  /** True once the list and what surrounds it are closed. */
  get isComplete(): boolean {
    return this.#state === 'after' && this.#depth === 0;
  }

  /** @throws RejectedInput `too_large` for too much before a list, `bad_syntax` after it */
  *push(chunk: Uint8Array): Generator<ScannedEntry, void, void> {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      const wasBefore = this.#state === 'before';
      const isEnd =
        this.#state === 'entries' &&
        !this.#inString &&
        this.#depth === this.#listDepth &&
        (byte === COMMA || byte === CLOSE_LIST);
      if (isEnd) {
        this.#keep(chunk.subarray(start, i));
        start = i + 1;
        const entry = this.#take(byte === CLOSE_LIST);
        if (entry !== null) yield entry;
      }
      this.#step(byte);
      if (wasBefore && this.#state === 'entries') {
        this.#keepHead(chunk.subarray(start, i + 1));
        start = i + 1;
      }
    }
    if (this.#state === 'before') this.#keepHead(chunk.subarray(start));
    else if (this.#state === 'entries') this.#keep(chunk.subarray(start));
  }

  #step(byte: number): void {
    if (this.#inString) this.#stepInString(byte);
    else if (byte === QUOTE) {
      this.#inString = true;
      this.#keyMatch = this.#depth === 1 ? 1 : -1;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) this.#open(byte);
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) this.#close();
    else if (byte === COLON) this.#isDataNext = this.#depth === 1 && this.#keyMatch === DATA_KEY.length;
    else if (byte > 0x20) {
      if (this.#state === 'after' && this.#depth === 0) throw afterEnd();
      this.#isDataNext = false;
    }
  }

  #stepInString(byte: number): void {
    if (this.#keyMatch >= 0) {
      this.#keyMatch = byte === DATA_KEY[this.#keyMatch] ? this.#keyMatch + 1 : -1;
    }
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  #open(byte: number): void {
    if (this.#state === 'after' && this.#depth === 0) throw afterEnd();
    const isList = byte === OPEN_LIST && (this.#depth === 0 || this.#isDataNext);
    this.#depth++;
    this.#isDataNext = false;
    if (this.#state !== 'before' || !isList) return;
    this.#state = 'entries';
    this.#listDepth = this.#depth;
  }

  #close(): void {
    this.#depth--;
    if (this.#state === 'entries' && this.#depth < this.#listDepth) this.#state = 'after';
    if (this.#depth < 0) throw afterEnd();
  }

  #keepHead(part: Uint8Array): void {
    this.#headSize += part.length;
    if (this.#headSize > this.#limits.headBytesMax) {
      const remedy = 'write a list of documents, or JSON lines, which may be of any length';
      throw new RejectedInput('too_large', `the document has more than ${this.#limits.headBytesMax} bytes; ${remedy}`);
    }
    this.#head.push(part.slice());
  }

  #keep(part: Uint8Array): void {
    if (this.#isSkipping) return;
    this.#size += part.length;
    this.#isSkipping = this.#size > this.#limits.entryBytesMax;
    if (this.#isSkipping) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part.slice());
  }

  /** @returns null for what stands between the brackets of an empty list */
  #take(isLast: boolean): ScannedEntry | null {
    const entry = this.#isSkipping ? undefined : joinedBytes(this.#parts, this.#size);
    this.#parts = [];
    this.#size = 0;
    this.#isSkipping = false;
    return isLast && entry?.every((byte) => byte <= 0x20) ? null : entry;
  }
}

function afterEnd(): RejectedInput {
  return new RejectedInput('bad_syntax', 'the document goes on after its end; write one list, or JSON lines');
}
