/** Time, as a port, so that a simulation can control it. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z, for times shown to people. It may be wrong, and may be set at any moment. */
  now(): number;
  /** Milliseconds since an arbitrary start of this process. Nobody can set it: measure durations with it only. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
