import { AppError } from '../../model/app-error.ts';

/*
 * What a reading user may do, ClickHouse decides: its grants, `readonly=1` and limits hold whatever the statement is.
 * Here is refused what an engine in our own process, or on our own machine, would do all the same: write a file as a
 * client does (INTO OUTFILE), read one as a function does (`file`), end another's query (KILL QUERY). It is decided on
 * the text that ClickHouse's own parser gives back: one statement without comments, in one spelling. That text is what
 * is run then.
 */

const READS = /^\(*(SELECT|WITH|SHOW|DESCRIBE|EXPLAIN|EXISTS)\b/;
/** Texts and names, whichever begins first: a quotation mark in a name begins no text. */
const QUOTED = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/gs;
const QUOTATION_MARK = /['"`]/;
const FILE = /\bfile\b/i;
const FILE_IN_QUOTES = /^["`]file["`]$/i;

/** The query whose answer is the statement in ClickHouse's own spelling. Refused where it is not one statement. */
export function spellingQuery(sql: string): string {
  return `SELECT formatQuerySingleLine('${sql.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}') AS statement`;
}

/**
 * @param statement in ClickHouse's own spelling
 * @throws AppError `query_failed`
 */
export function checkReads(statement: string): void {
  const words = statement.replace(QUOTED, (quoted) => (FILE_IN_QUOTES.test(quoted) ? 'file' : '?'));
  if (QUOTATION_MARK.test(words)) throw refusal('a quotation mark in it is not closed');
  if (!READS.test(words)) {
    throw refusal(`${/^\W*\w*/.exec(words)![0]} is not allowed: only SELECT, SHOW, DESCRIBE, EXPLAIN and EXISTS are`);
  }
  if (/\bINTO OUTFILE\b/.test(words)) throw refusal('INTO OUTFILE is not allowed: redirect the output');
  if (FILE.test(words)) throw refusal('files are not allowed, and no name may be `file`: call it otherwise with AS');
}

function refusal(problem: string): AppError {
  return new AppError('query_failed', `the query was refused: ${problem}`);
}
