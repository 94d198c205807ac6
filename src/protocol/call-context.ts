/** What the handler of a call knows in addition to the request. */
export interface CallContext {
  /** Aborts when the caller is gone, so that nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}
