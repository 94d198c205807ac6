/** Time, as a port, so that a simulation can control it. */
export interface Clock {
  /**
   * Milliseconds since 1970-01-01T00:00Z, for times shown to people. The clock may be wrong and may be set at any
   * moment.
   */
  now(): number;
  /**
   * Milliseconds since an arbitrary start of this process. Nobody can set it: measure elapsed time with this clock
   * only.
   */
  monotonic(): number;
  /** Resolves after `ms` milliseconds, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
