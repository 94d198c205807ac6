import { AppError } from '../../model/app-error.ts';

const DENIED: ReadonlySet<string> = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
]);
/** Errors that are final: the broker would refuse another attempt as well. */
const REFUSED: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_GROUP_ID',
  'INVALID_SESSION_TIMEOUT',
  'INVALID_CONFIG',
  'INVALID_TIMESTAMP',
  'INVALID_REPLICATION_FACTOR',
  'INCONSISTENT_GROUP_PROTOCOL',
  'POLICY_VIOLATION',
  'UNSUPPORTED_VERSION',
]);
const CERTIFICATE = /certificate|self.signed|\bSSL\b|\bTLS\b|ERR_TLS|handshake/i;
/** Node's message when a broker dies before it has sent its certificate. */
const CUT_OFF = /disconnected before secure TLS connection/;

/**
 * Returns the broker's error name, such as `OUT_OF_ORDER_SEQUENCE_NUMBER`, at any depth of kafkajs' wrapping; empty if
 * none.
 */
export function brokerErrorType(error: unknown): string {
  for (const one of causes(error)) {
    const { type } = one as { type?: unknown };
    if (typeof type === 'string') return type;
  }
  return '';
}

/** True if a retry cannot help: a broker refused for good, or the error is a defect of this program. */
export function isFinal(error: unknown): boolean {
  return !kafkaFailure(error, '').retryable;
}

/** Converts an error of kafkajs or a broker to an AppError that keeps the original message. */
export function kafkaFailure(error: unknown, what: string): AppError {
  const found = causes(error).find((one) => one instanceof AppError);
  if (found instanceof AppError) return found;
  const all = causes(error);
  const type = brokerErrorType(error);
  const root = all.at(-1);
  const text = root instanceof Error ? root.message : String(root);
  const named = all.map((one) => (one as Error).name);
  const denied = DENIED.has(type) || named.includes('KafkaJSSASLAuthenticationError');
  if (denied || (CERTIFICATE.test(text) && !CUT_OFF.test(text))) {
    const remedy = 'check user name, password, certificates and access rights; trying again would not help';
    return new AppError('invalid_argument', `${what}: Kafka refused us (${text}): ${remedy}`, { cause: error });
  }
  if (REFUSED.has(type)) return new AppError('invalid_argument', `${what}: Kafka: ${text}`, { cause: error });
  if (all.some(isFromKafkaJs)) {
    return new AppError('unavailable', `${what}: Kafka does not answer (${text})`, { cause: error, retryable: true });
  }
  return new AppError('internal', `${what}: ${text}`, { cause: error });
}

/**
 * True for kafkajs' own errors and for errors thrown within kafkajs after a lost connection ("Broker not connected").
 */
function isFromKafkaJs(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const thrownAt = error.stack?.split('\n').find((line) => /^\s+at /.test(line)) ?? '';
  return error.name.startsWith('KafkaJS') || /[\\/]kafkajs[\\/]/.test(thrownAt);
}

/** Returns the error and the errors that it wraps, outermost first. */
function causes(error: unknown): unknown[] {
  const all: unknown[] = [];
  let one = error;
  while (one !== undefined && one !== null && all.length < 10) {
    all.push(one);
    const { cause, errors } = one as { cause?: unknown; errors?: unknown[] };
    one = cause ?? errors?.[0];
  }
  return all;
}
