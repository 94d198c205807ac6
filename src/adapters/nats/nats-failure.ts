import { ErrorCode, type NatsError } from 'nats';
import { AppError } from '../../model/app-error.ts';

/** The server was not reached or did not answer in time. It may have carried out the request. */
const PASSING_CODES: ReadonlySet<string> = new Set([
  ErrorCode.Timeout,
  ErrorCode.NoResponders,
  ErrorCode.Disconnect,
  ErrorCode.ConnectionRefused,
  ErrorCode.ConnectionTimeout,
  ErrorCode.JetStream408RequestTimeout,
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
]);
/** No suitable peers, stream not found, stream offline: these pass, because a cluster's servers come and go. */
const PASSING_API_CODES: ReadonlySet<number> = new Set([10005, 10059, 10118]);
/** Account limit, insufficient resources, storage exceeded, store failed, maximum bytes exceeded. */
const FULL_API_CODES: ReadonlySet<number> = new Set([10002, 10023, 10047, 10077, 10122]);
const AUTH_CODES: ReadonlySet<string> = new Set([
  ErrorCode.AuthorizationViolation,
  ErrorCode.AuthenticationExpired,
  ErrorCode.AccountExpired,
  ErrorCode.BadAuthentication,
  ErrorCode.BadCreds,
]);

/** Returns JetStream's error number. */
export function apiCode(error: unknown): number | undefined {
  return (error as NatsError | undefined)?.api_error?.err_code;
}

/** True if nothing listens on the subject: JetStream is not up (yet), or it has no such stream. */
export function isNobodyThere(error: unknown): boolean {
  return apiCode(error) === 10059 || (codeOf(error) === ErrorCode.NoResponders && apiCode(error) === undefined);
}

/** True if no answer came in time. */
export function isUnanswered(error: unknown): boolean {
  return codeOf(error) === ErrorCode.Timeout;
}

/** Converts a failed request to an AppError that keeps the server's message. */
export function natsFailure(error: unknown, what: string): AppError {
  if (error instanceof AppError) return error;
  const number = apiCode(error);
  const said = number === undefined ? `${messageOf(error)}` : `${messageOf(error)} (${number})`;
  const message = `${what}: NATS says ${said}`;
  if (number !== undefined && FULL_API_CODES.has(number)) {
    return new AppError('storage_unwritable', `${message}; free space or raise JetStream's limits`, { cause: error });
  }
  const passing =
    PASSING_CODES.has(codeOf(error)) ||
    (number !== undefined && PASSING_API_CODES.has(number)) ||
    (error as NatsError | undefined)?.api_error?.code === 503;
  return new AppError('unavailable', message, { retryable: passing, cause: error });
}

/** Converts the failure of a connection that could not be opened or that the server ended. */
export function connectionFailure(error: unknown, servers: string): AppError {
  if (AUTH_CODES.has(codeOf(error))) {
    const remedy = 'check the nkey seed or the credentials file against the server';
    const message = `NATS at ${servers} refuses these credentials (${messageOf(error)}): ${remedy}`;
    return new AppError('invalid_argument', message, { cause: error });
  }
  const message = `NATS at ${servers} cannot be reached: ${messageOf(error)}`;
  if (PASSING_CODES.has(codeOf(error))) return new AppError('unavailable', message, { retryable: true, cause: error });
  return new AppError('invalid_argument', `${message}; check the servers and the TLS files`, { cause: error });
}

/** Some messages of the client are only an error code. */
function messageOf(error: unknown): string {
  // JetStream's refusals with a description have the same code as unanswered requests.
  const described = (error as NatsError | undefined)?.api_error?.description;
  if (described) return described;
  const text = error instanceof Error ? error.message : String(error);
  if (codeOf(error) === ErrorCode.NoResponders) return 'that JetStream does not answer';
  return text === '' ? codeOf(error) : text;
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? '');
}
