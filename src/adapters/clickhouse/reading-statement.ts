import { AppError } from '../../model/app-error.ts';

/*
 * ClickHouse decides what a reading user may do: its grants, `readonly=1` and its limits apply to every statement. This
 * file refuses only what an engine in this process, or on this machine, would do in spite of them: write a file as a
 * client does (INTO OUTFILE), read a file with a function (`file`), or end another user's query (KILL QUERY). The check
 * uses the text that ClickHouse's own parser returns: one statement, without comments, in one spelling. Exactly that
 * text is then run.
 */

const READS = /^\(*(SELECT|WITH|SHOW|DESCRIBE|EXPLAIN|EXISTS)\b/;
/** Quoted texts and names, in order of appearance: a quotation mark within a name does not begin a text. */
const QUOTED = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/gs;
const QUOTATION_MARK = /['"`]/;
const FILE = /\bfile\b/i;
const FILE_IN_QUOTES = /^["`]file["`]$/i;

/**
 * Returns a query whose result is the statement in ClickHouse's own spelling. ClickHouse refuses text that is not one
 * statement.
 */
export function spellingQuery(sql: string): string {
  return `SELECT formatQuerySingleLine('${sql.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}') AS statement`;
}

/**
 * Refuses a statement that may do more than read.
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
