import { type Document, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, Parser, parseDocument, visit } from 'yaml';

/** Counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

interface SyntaxIssue {
  readonly place: Place;
  readonly message: string;
}

/** The text of a campaign file as YAML, before anything is known of its keys. */
export interface CampaignDocument {
  /** Undefined where the syntax leaves no sense; null for a file of nothing but comments. */
  readonly value: unknown;
  readonly issues: readonly SyntaxIssue[];
  /** Where a key or an entry stands; of one that is not there, where the nearest above it stands. */
  place(path: readonly (string | number)[]): Place;
}

/** Deeper nesting than any campaign has would exhaust the parser's stack. */
const DEPTH_MAX = 50;
/** Beyond a handful, aliases multiply what little text says without end. */
const ALIASES_MAX = 100;

/** By the parser's code, where its own words are about the grammar and not about the file. */
const MESSAGES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab cannot indent YAML: use spaces',
  MULTIPLE_DOCS: 'a second document begins here: keep one campaign per file',
  BLOCK_AS_IMPLICIT_KEY: 'a key cannot begin here: mend the indentation, or put text that holds ": " in quotes',
};

export function campaignDocument(text: string): CampaignDocument {
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const tooDeep = depthExceededAt(text, lines);
  if (tooDeep !== undefined) {
    const message = `over ${DEPTH_MAX} tables and lists in one another: a campaign needs 4`;
    return { value: undefined, issues: [{ place: placeOf(tooDeep), message }], place: () => placeOf(tooDeep) };
  }
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  const errors = [...document.errors, ...document.warnings];
  const issues = errors.map(({ code, message, pos: [at] }) => ({
    place: placeOf(at),
    message:
      code === 'DUPLICATE_KEY'
        ? `${/[^\s:]*/.exec(text.slice(at))} is given twice: keep one of them`
        : (MESSAGES[code] ?? `not valid YAML: ${message}`),
  }));
  // A doubled key leaves the rest readable, all else would be reported as what it is not.
  const readable = errors.every(({ code }) => code === 'DUPLICATE_KEY');
  const { value, ...failed } = readable ? plainValue(document) : {};
  if (failed.failure !== undefined) issues.push({ place: placeOf(failed.at ?? 0), message: failed.failure });
  return { value, issues: firstOfEachLine(issues), place: (path) => placeOf(offsetOf(document, path)) };
}

/** Where the nesting becomes too deep, found without recursion; enters the lines on the way. */
function depthExceededAt(text: string, lines: LineCounter): number | undefined {
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    Array.from(parser.next(lexeme));
    if (parser.stack.length > DEPTH_MAX) return parser.offset;
  }
  return undefined;
}

interface PlainValue {
  readonly value?: unknown;
  readonly failure?: string;
  readonly at?: number;
}

function plainValue(document: Document.Parsed): PlainValue {
  try {
    return { value: document.toJS({ maxAliasCount: ALIASES_MAX }) };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const at = firstUnknownAlias(document);
    if (at === undefined) return { failure: `over ${ALIASES_MAX} repetitions by * aliases: write the values out` };
    return { failure: 'no & anchor of this name comes before: write the value out', at };
  }
}

/** In one pass: an alias that is asked for its anchor goes through the whole document. */
function firstUnknownAlias(document: Document.Parsed): number | undefined {
  const anchors = new Set<string>();
  let at: number | undefined;
  visit(document, {
    Value(_, { anchor }) {
      if (anchor !== undefined) anchors.add(anchor);
    },
    Alias(_, alias) {
      if (anchors.has(alias.source)) return undefined;
      at = alias.range?.[0];
      return visit.BREAK;
    },
  });
  return at;
}

/** One mistake makes the parser stumble on: what else it finds in the line is no news. */
function firstOfEachLine(issues: readonly SyntaxIssue[]): SyntaxIssue[] {
  const seen = new Set<number>();
  return issues.filter(({ place: { line } }) => !seen.has(line) && seen.add(line));
}

function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined || !isScalar(pair.key)) return offset;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const entry = node.items[Number(step)] as { range?: readonly number[] } | undefined;
      if (entry === undefined) return offset;
      offset = entry.range?.[0] ?? offset;
      node = entry;
    } else return offset;
  }
  return offset;
}
