import { AppError } from '../../src/model/app-error.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { ModelName, ModelStore } from '../../src/ports/model-store.ts';
import type { ResultReader } from '../../src/ports/result-store.ts';
import type { Gateway } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { stoppableStream } from '../../src/runtime/stoppable-stream.ts';

export interface ByteStores {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly models: Pick<ModelStore, 'get'>;
  /** Absent if there are no tables or no read-only user. */
  readonly results?: Pick<ResultReader, 'query'>;
}

/** Size of a piece that fits in any message. */
const PIECE_BYTES = 2 ** 18;
/**
 * Time limit of a query. The engine answers within two minutes. A slower reader would keep the engine from other
 * queries: it runs only few at a time.
 */
const ANSWER_MS_MAX = 10 * 60_000;
const MODEL_NAME = /^[0-9a-f]{64}$/;

/** Serves models and query results, in pieces. */
export function createStoredBytes({ models, results, clock }: ByteStores): Pick<Gateway, 'GetModel' | 'Query'> {
  return {
    async *GetModel({ name }) {
      if (!MODEL_NAME.test(name)) {
        throw new AppError('invalid_argument', `"${name}" is no model's name: give 64 hexadecimal digits`);
      }
      yield* piecesOf((await models.get(name as ModelName)) ?? new Uint8Array(0));
    },
    Query: ({ sql, format }) =>
      stoppableStream(async function* (signal) {
        if (!results) {
          const remedy =
            'start it with clickhouse.url and clickhouse.reader, a user who may only read (docs/cluster.md)';
          throw new AppError('dependency_missing', `this gateway has no tables to ask: ${remedy}`);
        }
        const limit = timeLimit(clock, signal);
        try {
          const answer = results.query(sql, { signal: limit.signal, ...(format !== '' && { format }) });
          for await (const bytes of answer) {
            if (limit.isOver()) break;
            yield* piecesOf(bytes);
          }
          if (limit.isOver()) throw tooSlow();
        } catch (error) {
          throw limit.isOver() ? tooSlow() : error;
        } finally {
          limit.end();
        }
      }),
  };
}

/** Returns a signal that aborts with the other signal or when the time is over. */
function timeLimit(clock: Pick<Clock, 'sleep'>, outer: AbortSignal) {
  const ending = new AbortController();
  const end = () => ending.abort();
  let over = false;
  outer.addEventListener('abort', end);
  void clock.sleep(ANSWER_MS_MAX, ending.signal).then(() => {
    over = !ending.signal.aborted;
    end();
  });
  return { signal: ending.signal, isOver: () => over, end };
}

function tooSlow(): AppError {
  const problem = `the answer was not read within ${ANSWER_MS_MAX / 60_000} minutes`;
  return new AppError('resource_exhausted', `${problem}: read faster, or ask for less at a time (LIMIT, WHERE)`);
}

function* piecesOf(bytes: Uint8Array): Generator<{ piece: Uint8Array }> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield { piece: bytes.subarray(at, at + PIECE_BYTES) };
}
