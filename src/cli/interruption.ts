const EXIT_INTERRUPTED = 130;
/** npm passes a Ctrl-C on that the terminal has sent to its child too: the same wish, heard twice within milliseconds. */
const ECHO_MS = 250;

/** The user's wish to stop: Ctrl-C, or a scheduler's SIGTERM. */
export interface Interruption {
  readonly requested: boolean;
  /** No longer listens, so that the next signal has its usual effect. */
  dispose(): void;
}

/** Calls `onRequest` at the first signal; a second one ends the program at once. */
export function listenForInterruption(onRequest: () => void): Interruption {
  let requestedAtMs: number | undefined;
  const heard = () => {
    if (requestedAtMs !== undefined) {
      if (performance.now() - requestedAtMs >= ECHO_MS) process.exit(EXIT_INTERRUPTED);
      return;
    }
    requestedAtMs = performance.now();
    onRequest();
  };
  process.on('SIGINT', heard).on('SIGTERM', heard);
  return {
    get requested() {
      return requestedAtMs !== undefined;
    },
    dispose: () => void process.off('SIGINT', heard).off('SIGTERM', heard),
  };
}
