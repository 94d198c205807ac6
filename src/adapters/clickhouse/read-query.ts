import { type ClickHouseClient, ClickHouseError } from '@clickhouse/client';
import { AppError } from '../../model/app-error.ts';
import type { QueryOptions } from '../../ports/result-store.ts';
import { clickHouseFailure, isNotConnected } from './clickhouse-failure.ts';
import { checkReads, spellingQuery } from './reading-statement.ts';

/** A format's name is a word; other characters could inject a header. */
const FORMAT = /^[A-Za-z]\w*$/;
/** ClickHouse's text at the end of a result that it could not finish. */
const LATE_EXCEPTION = /Code: (\d+)\. DB::Exception: ([\s\S]*)/;
const TAIL_BYTES = 16_384;
const ACCESS_DENIED = '497';

/**
 * Runs one reading statement and yields its result. It changes no settings: the user's limits apply.
 * @param reader a connection of the reading user
 */
export async function* readQuery(
  reader: ClickHouseClient,
  recover: () => Promise<void>,
  sql: string,
  options: QueryOptions = {},
): AsyncGenerator<Uint8Array> {
  const { format = 'PrettyCompact', signal, secondsMax } = options;
  if (!FORMAT.test(format)) throw new AppError('invalid_argument', `'${format}' is not the name of a format`);
  const patience = secondsMax === undefined ? undefined : AbortSignal.timeout(secondsMax * 1000);
  const abort_signal = AbortSignal.any([signal, patience].filter((one) => one !== undefined));
  const send = async () => {
    // The client listens to a signal, and does not look whether it has come.
    abort_signal.throwIfAborted();
    const spelling = await reader.query({ query: spellingQuery(sql), format: 'JSONEachRow', abort_signal });
    const { statement } = (await spelling.json<{ statement: string }>())[0]!;
    checkReads(statement);
    abort_signal.throwIfAborted();
    return reader.exec({ query: statement, http_headers: { 'X-ClickHouse-Format': format }, abort_signal });
  };
  let tail = Buffer.alloc(0);
  try {
    const { stream } = await send().catch(async (error: unknown) => {
      // Only a request that never reached the engine is sent again: a query that crashed the engine would crash it
      // again.
      if (!isNotConnected(error)) throw error;
      await recover();
      return await send();
    });
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
      yield chunk;
    }
  } catch (error) {
    if (signal?.aborted) throw new AppError('interrupted', 'the query was interrupted', { cause: error });
    if (patience?.aborted) throw new AppError('query_failed', `the query took longer than ${secondsMax} s`);
    const late = error instanceof ClickHouseError ? null : LATE_EXCEPTION.exec(tail.toString('utf8'));
    if (late) throw new AppError('query_failed', `the query failed after a part of its result: ${late[2]!.trim()}`);
    // For a query, this is not a problem of user name and password.
    if (error instanceof ClickHouseError && error.code === ACCESS_DENIED) {
      throw new AppError('query_failed', `the query was refused: ${error.message.trim()}`, { cause: error });
    }
    throw clickHouseFailure(error, 'the query failed');
  }
}
