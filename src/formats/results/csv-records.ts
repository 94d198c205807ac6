import { RejectedInput } from '../../model/rejection.ts';

export interface CsvRecord {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

const SEPARATORS = [',', ';', '\t'] as const;

/**
 * The records of a CSV text (RFC 4180), separated as its first line shows: by commas, semicolons or tabs. Lines end as
 * they may, blank ones are left out, and so is the mark that spreadsheets put at the beginning of a file.
 * @throws RejectedInput `truncated` where a quote is not closed
 */
export function* csvRecords(text: string): Generator<CsvRecord, void, void> {
  const separator = separatorOf(text);
  let line = 1;
  for (let at = text.startsWith('\ufeff') ? 1 : 0; at < text.length; ) {
    const begun = line;
    const fields: string[] = [];
    for (let more = true; more; ) {
      const field = text[at] === '"' ? quotedField(text, at, begun) : plainField(text, at, separator);
      fields.push(field.text);
      for (let lf = text.indexOf('\n', at); lf >= 0 && lf < field.end; lf = text.indexOf('\n', lf + 1)) line++;
      at = field.end;
      more = text[at] === separator;
      if (more) at++;
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') {
      at++;
      line++;
    } else if (at < text.length && text[at - 1] !== '\r') {
      throw new RejectedInput('bad_syntax', `line ${line}: text follows a closing quote: double quotes inside a field`);
    }
    if (fields.some((field) => field.trim() !== '')) yield { line: begun, fields };
  }
}

/** The one that the header holds most often, quoted text aside. */
function separatorOf(text: string): string {
  const header = text.slice(0, Math.max(0, text.search(/[\r\n]|$/))).replace(/"[^"]*"/g, '');
  const count = (separator: string) => header.split(separator).length;
  return SEPARATORS.reduce<string>((best, one) => (count(one) > count(best) ? one : best), ',');
}

interface Field {
  readonly text: string;
  readonly end: number;
}

function plainField(text: string, from: number, separator: string): Field {
  let end = from;
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end++;
  return { text: text.slice(from, end), end };
}

function quotedField(text: string, from: number, line: number): Field {
  for (let close = text.indexOf('"', from + 1); close >= 0; close = text.indexOf('"', close + 2)) {
    if (text[close + 1] !== '"') return { text: text.slice(from + 1, close).replaceAll('""', '"'), end: close + 1 };
  }
  throw new RejectedInput('truncated', `line ${line}: a quote is not closed: close it, or save the file again`);
}
