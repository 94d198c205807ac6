import { type ClickHouseClient, ClickHouseError } from '@clickhouse/client';
import { AppError } from '../../model/app-error.ts';
import type { QueryOptions } from '../../ports/result-store.ts';
import { clickHouseFailure, isNotConnected } from './clickhouse-failure.ts';

const QUERY_SECONDS_MAX = 600;
/** Names of formats are words; anything else would be part of a header. */
const FORMAT = /^[A-Za-z]\w*$/;
/** What ClickHouse writes at the end of a result that it could not finish. */
const LATE_EXCEPTION = /Code: (\d+)\. DB::Exception: ([\s\S]*)/;
const TAIL_BYTES = 16_384;

/** Sends one statement with `readonly=2`: it may set how it is run, and change nothing. */
export async function* readQuery(
  client: ClickHouseClient,
  recover: () => Promise<void>,
  sql: string,
  options: QueryOptions = {},
): AsyncGenerator<Uint8Array> {
  const { format = 'PrettyCompact', signal, secondsMax = QUERY_SECONDS_MAX } = options;
  if (!FORMAT.test(format)) throw new AppError('invalid_argument', `'${format}' is not the name of a format`);
  const send = () =>
    client.exec({
      query: sql,
      http_headers: { 'X-ClickHouse-Format': format },
      clickhouse_settings: { readonly: '2', max_execution_time: secondsMax },
      ...(signal && { abort_signal: signal }),
    });
  let tail = Buffer.alloc(0);
  try {
    const { stream } = await send().catch(async (error: unknown) => {
      // Only what never reached the engine is sent again: a query that brought it down would do so once more.
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
    const late = error instanceof ClickHouseError ? null : LATE_EXCEPTION.exec(tail.toString('utf8'));
    if (late) throw new AppError('query_failed', `the query failed after a part of its result: ${late[2]!.trim()}`);
    throw clickHouseFailure(error, 'the query failed');
  }
}
