/** The codes of elastream's own failures. Bad input is not a failure: it becomes a Rejection. */
export const ERROR_CODES = [
  'invalid_argument',
  'input_unreadable',
  'output_unwritable',
  'interrupted',
  'dependency_missing',
  'storage_unwritable',
  'storage_locked',
  'storage_incompatible',
  'storage_corrupt',
  'storage_lost',
  'unavailable',
  'query_failed',
  'resource_exhausted',
  'closed',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** An error with a code for programs, a message for people, and a flag that tells whether a retry can help. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}
