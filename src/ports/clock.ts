/** Time, so that a simulation can own it. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z, for what people read. It may be wrong, and be set at any moment. */
  now(): number;
  /** Milliseconds since some moment of this process's own. Nobody sets it: what has passed is told by it alone. */
  monotonic(): number;
  /** Resolves after that time, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
