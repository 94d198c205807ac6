import { ClickHouseError } from '@clickhouse/client';
import { AppError } from '../../model/app-error.ts';

/** Codes of requests that never reached the server: a retry is always safe. */
const NOT_CONNECTED: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN']);
const CONNECTION_LOST: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET']);
/** TOO_MANY_PARTS, TIMEOUT_EXCEEDED, NETWORK_ERROR, TABLE_IS_READ_ONLY, KEEPER_EXCEPTION, MEMORY_LIMIT_EXCEEDED. */
const PASSING_CODES: ReadonlySet<string> = new Set(['252', '159', '210', '242', '999', '241']);
/** UNKNOWN_TABLE; TABLE_IS_DROPPED if the table was dropped during the request. */
const LOST_CODES: ReadonlySet<string> = new Set(['60', '218']);
/** ACCESS_DENIED, AUTHENTICATION_FAILED, UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD. */
const REFUSED_CODES: ReadonlySet<string> = new Set(['497', '516', '192', '193', '194']);
/** Node's codes when one side does not trust the other, or when one side does not use TLS. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO|CERT_|^ERR_TLS|^ERR_SSL|^EPROTO$/;

/** Messages of the engine and the operating system about a full disk. */
const FULL = /NOT_ENOUGH_SPACE|No space left on device|File too large/;

/** True if the request certainly did not reach the server. */
export function isNotConnected(error: unknown): boolean {
  return NOT_CONNECTED.has(errorCode(error));
}

/** True if the server could not be reached or was lost before it answered. */
export function isConnectionFailure(error: unknown): boolean {
  return isNotConnected(error) || CONNECTION_LOST.has(errorCode(error)) || /socket hang up/.test(String(error));
}

/** Converts a failure of a statement on our own tables. An unknown table means that somebody has dropped it. */
export function storingFailure(error: unknown, what: string): AppError {
  const failure = clickHouseFailure(error, what);
  if (!(error instanceof ClickHouseError && LOST_CODES.has(error.code))) return failure;
  return new AppError('storage_lost', `${failure.message}: it was dropped`, { cause: error, retryable: true });
}

/** Converts a failure of the engine or the connection to an AppError that keeps the engine's message. */
export function clickHouseFailure(error: unknown, what: string): AppError {
  if (error instanceof AppError) return error;
  const cause = { cause: error };
  if (isConnectionFailure(error)) {
    const message = `${what}: ClickHouse does not answer (${errorCode(error) || (error as Error).message})`;
    return new AppError('unavailable', message, { ...cause, retryable: true });
  }
  const message = `${what}: ${engineMessage(error)}`;
  if (UNTRUSTED.test(errorCode(error))) {
    const remedy = "check the URL's scheme, and the authority of the server's certificate";
    return new AppError('invalid_argument', `${message}: ${remedy}`, cause);
  }
  if (REFUSED_CODES.has(errorCode(error))) {
    return new AppError('invalid_argument', `${message}: check user name, password and access rights`, cause);
  }
  if (FULL.test(message)) {
    return new AppError(
      'storage_unwritable',
      `the disk of the tables is full (${message}): make room and start again`,
      cause,
    );
  }
  if (error instanceof ClickHouseError) {
    return new AppError('query_failed', message, { ...cause, retryable: PASSING_CODES.has(error.code) });
  }
  return new AppError('query_failed', message, cause);
}

/** Returns the engine's message without its version and the surrounding words. */
function engineMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const kind = error instanceof ClickHouseError && error.type ? ` (${error.type})` : '';
  return text.trim().replace(/[\s.]+$/, '') + kind;
}

function errorCode(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? '');
}
