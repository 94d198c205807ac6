import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { AppError, ERROR_CODES, type ErrorCode } from '../../model/app-error.ts';
import { RejectedInput } from '../../model/rejection.ts';

const CODE_KEY = 'elastream-code';
const RETRYABLE_KEY = 'elastream-retryable';
/** The percent-encoded text must fit in the HTTP/2 headers. */
const DETAILS_CHARACTERS_MAX = 2000;
/** gRPC status for callers other than elastream; elastream's clients read the error code itself. */
const STATUS: Readonly<Record<ErrorCode, status>> = {
  invalid_argument: status.INVALID_ARGUMENT,
  input_unreadable: status.FAILED_PRECONDITION,
  output_unwritable: status.INTERNAL,
  interrupted: status.ABORTED,
  dependency_missing: status.FAILED_PRECONDITION,
  storage_unwritable: status.INTERNAL,
  storage_locked: status.UNAVAILABLE,
  storage_incompatible: status.FAILED_PRECONDITION,
  storage_corrupt: status.DATA_LOSS,
  storage_lost: status.UNAVAILABLE,
  unavailable: status.UNAVAILABLE,
  query_failed: status.INVALID_ARGUMENT,
  resource_exhausted: status.RESOURCE_EXHAUSTED,
  closed: status.UNAVAILABLE,
  internal: status.INTERNAL,
};
/**
 * Codes with which a peer reports its own end. To its caller this means that the peer is unavailable, not that the
 * caller itself has ended.
 */
const GOING_DOWN: ReadonlySet<ErrorCode> = new Set(['interrupted', 'closed']);
/**
 * Retryable statuses. CANCELLED comes from a server that was stopped by force; a client that cancels its own call never
 * reads the status.
 */
const PASSING: ReadonlySet<status> = new Set([
  status.CANCELLED,
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
  status.ABORTED,
]);
const REMEDIES = new Map<status, string>([
  [status.INVALID_ARGUMENT, ''],
  [status.UNAUTHENTICATED, ': check certificate and access rights'],
  [status.PERMISSION_DENIED, ': check certificate and access rights'],
  [status.UNIMPLEMENTED, ': it speaks another version of the contract'],
]);
/** Messages of Node and OpenSSL when one side does not trust the other, or when one side does not use TLS. */
const UNTRUSTED = /certificate|self.signed|altnames|wrong version number|ssl alert/i;
/** gRPC's message when a peer accepts the connection and closes it at once. */
const CLOSED_AT_ONCE = /Last error: (Failed to connect|read ECONNRESET)/;
/** Nothing listens at the address, or the address is unreachable. */
const NOBODY = /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|Name resolution failed/;
/** gRPC's message for a stream that ended without a status, so no handler ended it. */
const CUT_OFF = /^Received RST_STREAM/;
/**
 * The prefix that names a call in an error message. It is already there if the called node has failed to reach another
 * node.
 */
const NAMED = /^[\w.]+\/\w+ at \S+: /;
const LOCAL = / at unix:\/\S+$/;
const TOO_LARGE = /larger than max|size larger than/;

/** An error with a gRPC status that is not a failure of elastream. */
export class StatusError extends Error {
  readonly status: status;

  constructor(code: status, message: string) {
    super(message);
    this.name = 'StatusError';
    this.status = code;
  }
}

/** Returns the status that a server sends for an error; undefined if callers should not see the error. */
export function statusOf(error: unknown): Pick<StatusObject, 'code' | 'details' | 'metadata'> | undefined {
  const metadata = new Metadata();
  if (error instanceof StatusError) return { code: error.status, details: detailsOf(error), metadata };
  if (error instanceof RejectedInput) return { code: status.INVALID_ARGUMENT, details: detailsOf(error), metadata };
  if (!(error instanceof AppError)) return undefined;
  metadata.set(CODE_KEY, error.code);
  metadata.set(RETRYABLE_KEY, String(error.retryable));
  return { code: STATUS[error.code], details: detailsOf(error), metadata };
}

/**
 * Returns the error that a client throws for a failed call.
 * @param what method and address
 */
export function callFailure(error: unknown, what: string): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof RejectedInput) {
    const message = `${what}: the answer is refused (${error.message}): does the server speak another version?`;
    return new AppError('internal', message, { cause: error });
  }
  if (!isStatus(error)) return new AppError('internal', `${what}: ${(error as Error).message}`, { cause: error });
  const { code, metadata } = error;
  const told = (key: string) => metadata.get(key)[0]?.toString();
  const toldCode = ERROR_CODES.find((one) => one === told(CODE_KEY));
  if (toldCode) {
    const isGone = GOING_DOWN.has(toldCode);
    const retryable = isGone || told(RETRYABLE_KEY) === 'true';
    // The user needs the call that failed, not the path of forwarded calls to it. A call on this machine has no path.
    const isPlain = NAMED.test(error.details) || LOCAL.test(what);
    const message = isPlain ? error.details : `${what}: ${error.details}`;
    return new AppError(isGone ? 'unavailable' : toldCode, message, { retryable, cause: error });
  }
  const details = error.details.replace(/[.\s]*Resolution note:\s*$/, '').replace(/\s+/g, ' ');
  const name = `${what}: ${status[code]}: ${details}`;
  if (code === status.RESOURCE_EXHAUSTED && TOO_LARGE.test(details)) {
    return new AppError('invalid_argument', `${what}: ${details} bytes: send smaller messages`, { cause: error });
  }
  if (code === status.UNAVAILABLE && UNTRUSTED.test(details)) {
    return new AppError('unavailable', `${name}: check both sides' certificates, authority and TLS`, { cause: error });
  }
  if (code === status.UNAVAILABLE && NOBODY.test(details)) {
    const text = `${what}: nobody answers there (${details}): is the address right, and the service up?`;
    return new AppError('unavailable', text, { retryable: true, cause: error });
  }
  if (CLOSED_AT_ONCE.test(details)) {
    const guess = "(is one side without TLS, or this side's certificate not trusted?)";
    return new AppError('unavailable', `${name} ${guess}`, { retryable: true, cause: error });
  }
  if (PASSING.has(code) || CUT_OFF.test(details))
    return new AppError('unavailable', name, { retryable: true, cause: error });
  const remedy = REMEDIES.get(code);
  return new AppError(remedy === undefined ? 'internal' : 'invalid_argument', name + (remedy ?? ''), { cause: error });
}

function isStatus(error: unknown): error is StatusObject {
  const { code, metadata } = error as Partial<StatusObject>;
  return typeof code === 'number' && metadata instanceof Metadata;
}

/** gRPC percent-encodes the details, which fails on half a surrogate pair. */
function detailsOf({ message }: Error): string {
  return message.slice(0, DETAILS_CHARACTERS_MAX).toWellFormed();
}
