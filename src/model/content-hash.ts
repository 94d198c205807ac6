import { sha256, sha256Words } from './sha256.ts';

/** `h1:` and 64 hexadecimal digits. The version names the encoding below, so that encoding never changes. */
export type ContentHash = `h1:${string}`;

/** The fields that a tuple may hold. A typed array is one field, not a list of fields. */
export type HashField = string | number | boolean | null | Uint8Array | Float64Array | readonly HashField[];

const VERSION = 'h1';
const TAG = { text: 1, number: 2, true: 3, false: 4, null: 5, bytes: 6, numbers: 7, list: 8 } as const;
const encoder = new TextEncoder();
const KEPT_BYTES_MAX = 4096;

/**
 * The hash that names some content: SHA-256 over a versioned, self-delimiting encoding. No two different tuples have
 * the same encoding, and no serialiser's freedom (protobuf's field order, JSON's number format) affects a hash.
 *
 * Encoding: `h1`, then kind and fields, each as tag byte and content. Text: its length in bytes, then NFC in UTF-8.
 * Number: Float64, little-endian, every NaN as 7ff8000000000000 and -0 as 0. Bytes, numbers, lists: the length, then
 * the content. Lengths are unsigned 32-bit, little-endian.
 * @param kind what the tuple describes (`label`, `material`): equal fields of different kinds have different hashes
 * @throws RangeError if a text has a lone surrogate, which UTF-8 encodes like U+FFFD
 */
export function contentHash(kind: string, fields: readonly HashField[]): ContentHash {
  return `${VERSION}:${sha256(contentTuple(kind, fields))}`;
}

/** The same SHA-256 as eight words, for random draws, which need no name. */
export function contentDigest(kind: string, fields: readonly HashField[]): Uint32Array {
  return sha256Words(contentTuple(kind, fields));
}

/** The bytes to hash: a view of memory that the next tuple overwrites. */
function contentTuple(kind: string, fields: readonly HashField[]): Uint8Array {
  writer.begin();
  writer.raw(VERSION);
  writer.field(kind);
  for (const field of fields) writer.field(field);
  return writer.written();
}

/** Whether some text is a content hash of this version. */
export function isContentHash(text: string): text is ContentHash {
  return /^h1:[0-9a-f]{64}$/.test(text);
}

class TupleWriter {
  private buffer = new Uint8Array(KEPT_BYTES_MAX);
  private view = new DataView(this.buffer.buffer);
  private length = 0;

  /** Discards what the previous tuple left, including a large buffer. */
  begin(): void {
    this.length = 0;
    if (this.buffer.length === KEPT_BYTES_MAX) return;
    this.buffer = new Uint8Array(KEPT_BYTES_MAX);
    this.view = new DataView(this.buffer.buffer);
  }

  written(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  raw(text: string): void {
    this.reserve(3 * text.length);
    this.length += encoder.encodeInto(text, this.buffer.subarray(this.length)).written;
  }

  field(field: HashField): void {
    if (typeof field === 'string') this.text(field);
    else if (typeof field === 'number') {
      this.tag(TAG.number);
      this.number(field);
    } else if (typeof field === 'boolean') this.tag(field ? TAG.true : TAG.false);
    else if (field === null) this.tag(TAG.null);
    else if (field instanceof Uint8Array) this.bytes(field);
    else {
      this.tag(field instanceof Float64Array ? TAG.numbers : TAG.list);
      this.count(field.length);
      if (field instanceof Float64Array) for (const x of field) this.number(x);
      else for (const item of field) this.field(item);
    }
  }

  private text(text: string): void {
    if (!text.isWellFormed()) throw new RangeError('a hashed text holds a lone surrogate');
    this.tag(TAG.text);
    const lengthAt = this.length;
    this.count(0);
    this.raw(text.normalize('NFC'));
    this.view.setUint32(lengthAt, this.length - lengthAt - 4, true);
  }

  private bytes(bytes: Uint8Array): void {
    this.tag(TAG.bytes);
    this.count(bytes.length);
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  private tag(tag: number): void {
    this.reserve(1);
    this.buffer[this.length++] = tag;
  }

  private count(n: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, n, true);
    this.length += 4;
  }

  private number(x: number): void {
    this.reserve(8);
    // Engines may keep any NaN's bits, so write one fixed NaN; x + 0 turns -0 into 0.
    if (Number.isNaN(x)) this.view.setBigUint64(this.length, 0x7ff8000000000000n, true);
    else this.view.setFloat64(this.length, x + 0, true);
    this.length += 8;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const grown = new Uint8Array(2 * (this.length + bytes));
    grown.set(this.buffer);
    this.buffer = grown;
    this.view = new DataView(grown.buffer);
  }
}

/** One shared writer suffices: hashing is synchronous and never nested. */
const writer = new TupleWriter();
