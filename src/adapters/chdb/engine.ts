import { createRequire } from 'node:module';

/**
 * The part of npm chdb that is used here. It is declared here because the package is optional: elastream compiles and
 * runs without it.
 */
export interface ChdbSession {
  query(sql: string, format?: string): string;
  queryAsync(sql: string, options: { format: string }): Promise<{ bytes(): Uint8Array }>;
  queryStream(sql: string, options: { format: string }): AsyncIterable<{ raw(): Uint8Array }>;
  insert(params: { table: string; columns?: string[]; values: Uint8Array; format: string }): Promise<unknown>;
  close(): void;
}

interface ChdbModule {
  readonly Session: new (path: string, options?: { connectionArgs?: readonly string[] }) => ChdbSession;
}

/**
 * The ClickHouse engine in this process, on one directory. Each request gets its own connection (0.5 ms), so that
 * settings, parameters and `USE` of one request never affect another.
 */
export interface Engine {
  /** Keeps the directory open. Otherwise the engine would start again for each request. */
  readonly root: ChdbSession;
  connect(): ChdbSession;
}

/** Loads 540 MB of code. Call it only in a child process: the code crashes at the end of a worker thread. */
export function openEngine(directory: string): Engine {
  const { Session } = createRequire(import.meta.url)('chdb') as ChdbModule;
  return { root: new Session(directory), connect: () => new Session(directory) };
}

export interface Statement {
  readonly sql: string;
  /** The data of an INSERT. */
  readonly body: Uint8Array;
  readonly format: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly database?: string;
}

const INSERT_DATA = /^\s*INSERT\s+INTO\s+(?:TABLE\s+)?([\w.`]+)\s*(?:\(([^)]*)\))?\s*FORMAT\s+(\w+)\s*$/i;
/** Formats without header or footer. Only for these do the parts that chdb streams form one document. */
const STREAMABLE: ReadonlySet<string> = new Set(['CSV', 'TSV', 'TabSeparated', 'JSONEachRow', 'JSONCompactEachRow']);
const STREAMABLE_STATEMENT = /^\s*(SELECT|WITH)\b/i;
const QUOTED_OR_COMMENT = /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|--[^\n]*|\/\*[\s\S]*?\*\//g;

/**
 * Runs one statement and yields its result in parts. If the consumer stops, the part that is being computed is finished
 * and no other part is begun.
 */
export async function* execute(session: ChdbSession, statement: Statement, tag: string): AsyncGenerator<Uint8Array> {
  prepare(session, statement);
  const insert = INSERT_DATA.exec(statement.sql);
  if (insert) {
    if (statement.body.length === 0) return;
    const columns = insert[2]?.split(',').map((name) => name.trim().replaceAll('`', ''));
    await session.insert({
      table: insert[1]!.replaceAll('`', ''),
      ...(columns && { columns }),
      values: statement.body,
      format: insert[3]!,
    });
    return;
  }
  const code = statement.sql.replace(QUOTED_OR_COMMENT, ' ');
  if (code.trim() === '') throw new Error('Code: 62. DB::Exception: Empty query. (SYNTAX_ERROR)');
  const sql = `/* ${tag} */ ${statement.sql}`;
  if (STREAMABLE.has(statement.format) && STREAMABLE_STATEMENT.test(code) && !/\bFORMAT\s+\w/i.test(code)) {
    for await (const part of session.queryStream(sql, statement)) yield part.raw();
  } else {
    yield (await session.queryAsync(sql, statement)).bytes();
  }
}

/** Applies the settings of this statement. `readonly` comes last, because it forbids further settings. */
function prepare(session: ChdbSession, { settings, parameters, database }: Statement): void {
  if (database !== undefined) session.query(`USE \`${database.replaceAll('`', '')}\``);
  for (const [name, value] of Object.entries(parameters)) session.query(`SET param_${word(name)} = ${quoted(value)}`);
  const { readonly, ...others } = settings;
  for (const [name, value] of Object.entries(others)) session.query(`SET ${word(name)} = ${quoted(value)}`);
  if (readonly !== undefined) session.query(`SET readonly = ${quoted(readonly)}`);
}

function word(name: string): string {
  if (!/^\w+$/.test(name)) throw new Error(`Code: 36. DB::Exception: '${name}' is not a name. (BAD_ARGUMENTS)`);
  return name;
}

function quoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
