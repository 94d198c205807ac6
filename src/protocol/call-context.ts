/** What a call's handler may know besides the request. */
export interface CallContext {
  /** Aborted when the caller is gone: nobody waits for the answer. */
  readonly signal: AbortSignal;
}
