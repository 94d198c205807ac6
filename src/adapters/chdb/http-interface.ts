import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { systemClock } from '../in-process/system-clock.ts';
import { type Engine, execute, type Statement } from './engine.ts';
import { READING_LIMITS, READING_USER } from './engine-users.ts';

/** An insert is in memory as a whole while the engine reads it. The ResultStore's batches have about 10 MB. */
const BODY_BYTES_MAX = 64 * 2 ** 20;
/** Parameters of ClickHouse's HTTP interface that are not settings of the engine. */
const NOT_SETTINGS =
  /^(query|query_id|session_id|database|default_format|role|wait_end_of_query|compress|decompress|param_.*)$/;
const KILL_AGAIN_MS = 200;
/** Memory limits of the writing user's statements; a request can override them. */
const WRITING_DEFAULTS = { max_memory_usage: String(2 ** 30), max_result_bytes: String(2 ** 28), max_threads: '2' };

/**
 * Serves ClickHouse's HTTP interface for an embedded engine, as far as @clickhouse/client uses it: /ping, statements in
 * the URL or the body, settings and parameters in the URL, X-ClickHouse-Format, errors as text. The engine has only one
 * user: a request of the reading user runs within that user's limits, and its own settings are ignored. Requests share
 * no state.
 */
export function createHttpInterface(engine: Engine): Server {
  return createServer((request, response) => {
    answer(engine, request, response).catch((error: unknown) => fail(response, error));
  });
}

async function answer(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/ping') return void response.end('Ok.\n');
  const statement = statementOf(request, url.searchParams, await bodyOf(request));
  const tag = randomUUID();
  const session = engine.connect();
  let running = true;
  response.once('close', () => {
    cancel(engine, tag, () => running).catch(() => {});
  });
  try {
    for await (const part of execute(session, statement, tag)) {
      if (response.destroyed) return;
      // The headers are sent with the first part, so that an earlier failure still gets an error status.
      if (!response.headersSent) response.writeHead(200, { 'X-ClickHouse-Format': statement.format });
      if (!response.write(part)) await drained(response);
    }
    response.end();
  } finally {
    running = false;
    session.close();
  }
}

function statementOf(request: IncomingMessage, url: URLSearchParams, body: Buffer): Statement {
  const parameters: Record<string, string> = {};
  const isReading = userOf(request) === READING_USER;
  const settings: Record<string, string> = { ...(isReading ? READING_LIMITS : WRITING_DEFAULTS) };
  for (const [name, value] of url) {
    if (name.startsWith('param_')) parameters[name.slice('param_'.length)] = value;
    else if (!isReading && !NOT_SETTINGS.test(name)) settings[name] = value;
  }
  const inUrl = url.get('query');
  const database = url.get('database');
  return {
    sql: inUrl ?? body.toString('utf8'),
    body: inUrl === null ? Buffer.alloc(0) : body,
    format: String(request.headers['x-clickhouse-format'] ?? url.get('default_format') ?? 'TabSeparated'),
    settings,
    parameters,
    ...(database !== null && { database }),
  };
}

/** Only the name matters: a client that can open the socket owns the tables. */
function userOf({ headers }: IncomingMessage): string | undefined {
  const [, credentials = ''] = /^Basic (.*)$/.exec(headers.authorization ?? '') ?? [];
  return Buffer.from(credentials, 'base64').toString('utf8').split(':')[0];
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) {
      throw new Error(
        `Code: 307. DB::Exception: at most ${BODY_BYTES_MAX} bytes fit into one insert. (TOO_MANY_BYTES)`,
      );
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/**
 * chdb's interface has no interrupt. KILL QUERY on another connection ends the running query within 0.1 s. It does not
 * find one that the engine is about to begin, which would then run to its end: so it is said again while one runs.
 */
async function cancel(engine: Engine, tag: string, isRunning: () => boolean): Promise<void> {
  if (!isRunning()) return;
  const session = engine.connect();
  try {
    while (isRunning()) {
      await session.queryAsync(`KILL QUERY WHERE startsWith(query, '/* ${tag} */') ASYNC`, { format: 'Null' });
      await systemClock.sleep(KILL_AGAIN_MS);
    }
  } finally {
    session.close();
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
}

function fail(response: ServerResponse, error: unknown): void {
  const text = (error instanceof Error ? error.message : String(error)).replace(/^Query failed: /, '');
  if (response.headersSent) {
    // As a ClickHouse server does: append the text to the result and break off the connection.
    response.write(`\n${text}\n`, () => response.destroy());
    return;
  }
  const code = /Code: (\d+)/.exec(text)?.[1] ?? '0';
  response.writeHead(500, { 'X-ClickHouse-Exception-Code': code, 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(code === '0' ? `Code: 1001. DB::Exception: ${text}. (STD_EXCEPTION)` : text);
}
