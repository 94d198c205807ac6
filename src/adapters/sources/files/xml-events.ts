import sax, { type SAXParser } from 'sax';
import type { XmlReader } from '../../../formats/xml-reader.ts';
import { RejectedInput } from '../../../model/rejection.ts';

/** The outputs of DFT codes are some ten levels deep. */
const DEPTH_MAX = 64;
const ATTRIBUTES_MAX = 64;
/** The forces on 20,000 atoms take 1.4 MiB. */
const TEXT_CHARACTERS_MAX = 4 * 1024 * 1024;

/**
 * Feeds an XML document to a reader. It accepts what DFT codes write and nothing else: no DOCTYPE, so no entities beyond
 * the five of XML, and bounded depth, attributes and texts.
 * @throws RejectedInput
 */
export class XmlEvents {
  readonly #reader: XmlReader;
  readonly #sax: SAXParser;
  readonly #path: string[] = [];
  #text: string | undefined;
  #attributes = 0;
  #hasRoot = false;

  constructor(reader: XmlReader) {
    this.#reader = reader;
    const parser = sax.parser(true);
    parser.onerror = ({ message }) => {
      throw this.#rejection(message);
    };
    parser.ondoctype = () => {
      const remedy = 'no DFT code writes one; give the file as the code wrote it';
      throw new RejectedInput('unsupported_format', `the XML has a DOCTYPE: ${remedy}`);
    };
    parser.onattribute = () => {
      this.#attributes++;
      if (this.#attributes > ATTRIBUTES_MAX) throw tooLarge(`an element has over ${ATTRIBUTES_MAX} attributes`);
    };
    parser.onopentag = ({ name, attributes }) => this.#open(name, attributes as Record<string, string>);
    parser.onclosetag = () => this.#close();
    parser.ontext = (text) => this.#add(text);
    parser.oncdata = (text) => this.#add(text);
    this.#sax = parser;
  }

  /** Number of the current line, from 1. */
  get line(): number {
    return this.#sax.line + 1;
  }

  push(piece: string): void {
    this.#sax.write(piece);
  }

  /** @throws RejectedInput `truncated` if the document has no end */
  end(): void {
    if (this.#path.length > 0 || !this.#hasRoot) throw cutShort(this.#path);
    this.#sax.close();
  }

  #open(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#attributes = 0;
    this.#hasRoot = true;
    this.#path.push(name);
    if (this.#path.length > DEPTH_MAX) throw tooLarge(`elements are nested over ${DEPTH_MAX} levels deep`);
    this.#text = this.#reader.open(this.#path, attributes) ? '' : undefined;
  }

  #close(): void {
    this.#reader.close(this.#path, this.#text ?? '');
    this.#text = undefined;
    this.#path.pop();
  }

  #add(text: string): void {
    if (this.#text === undefined) return;
    this.#text += text;
    if (this.#text.length > TEXT_CHARACTERS_MAX) throw tooLarge(`<${this.#path.at(-1)}> has an absurdly long text`);
  }

  #rejection(message: string): RejectedInput {
    const [reason] = message.split('\n', 1);
    if (reason!.startsWith('Max buffer length')) return tooLarge('a name, attribute or comment is absurdly long');
    if (/^(?:Unclosed root tag|Unexpected end)/.test(reason!)) return cutShort(this.#path);
    return new RejectedInput('bad_syntax', `not valid XML: ${reason}; give the file as the code wrote it`);
  }
}

function cutShort(path: readonly string[]): RejectedInput {
  const where = path.length === 0 ? 'before its root' : `inside <${path.at(-1)!.slice(0, 40)}>`;
  return new RejectedInput(
    'truncated',
    `the XML ends ${where}: the run is going on, was killed, or the file is cut short`,
  );
}

function tooLarge(what: string): RejectedInput {
  return new RejectedInput('too_large', `${what}: this is no output of a DFT code`);
}
