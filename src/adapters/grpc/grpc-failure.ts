import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { AppError, ERROR_CODES, type ErrorCode } from '../../model/app-error.ts';
import { RejectedInput } from '../../model/rejection.ts';

const CODE_KEY = 'elastream-code';
const RETRYABLE_KEY = 'elastream-retryable';
/** Percent-encoded it must still fit into HTTP/2's headers. */
const DETAILS_CHARACTERS_MAX = 2000;
/** For callers that are not elastream; ours read the code itself. */
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
/** What a peer says of its own end. For its caller it is a peer that is not there, and not the caller's own end. */
const GOING_DOWN: ReadonlySet<ErrorCode> = new Set(['interrupted', 'closed']);
/** CANCELLED is what a server that is ended by force leaves; who cancels a call itself never asks what became of it. */
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
/** What Node and OpenSSL say where one side does not trust the other, or one of them speaks no TLS. */
const UNTRUSTED = /certificate|self.signed|altnames|wrong version number|ssl alert/i;
/** What gRPC says of a peer that is there and closes the connection without a word. */
const CLOSED_AT_ONCE = /Last error: (Failed to connect|read ECONNRESET)/;
/** Nothing listens at the address, or it leads nowhere. */
const NOBODY = /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|Name resolution failed/;
/** Of a stream that ended without a status: no handler said so. */
const CUT_OFF = /^Received RST_STREAM/;
/** How a call names itself before what went wrong, as the node that was asked does where it asked another in vain. */
const NAMED = /^[\w.]+\/\w+ at \S+: /;
const LOCAL = / at unix:\/\S+$/;
const TOO_LARGE = /larger than max|size larger than/;

/** For what has a gRPC status of its own and is no failure of elastream. */
export class StatusError extends Error {
  readonly status: status;

  constructor(code: status, message: string) {
    super(message);
    this.name = 'StatusError';
    this.status = code;
  }
}

/** What a server tells of an error; undefined where it is none that a caller should read. */
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
 * What a client throws for a call that failed.
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
    // Where it went wrong is what helps, not the way there; on this machine there is no way.
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

/** gRPC percent-encodes it, which fails on half a surrogate pair. */
function detailsOf({ message }: Error): string {
  return message.slice(0, DETAILS_CHARACTERS_MAX).toWellFormed();
}
