const EXIT_INTERRUPTED = 130;

/** The user's wish to stop: Ctrl-C, or a scheduler's SIGTERM. */
export interface Interruption {
  readonly requested: boolean;
  /** No longer listens, so that the next signal has its usual effect. */
  dispose(): void;
}

/** Calls `onRequest` at the first signal; a second one ends the program at once. */
export function listenForInterruption(onRequest: () => void): Interruption {
  let requested = false;
  const heard = () => {
    if (requested) process.exit(EXIT_INTERRUPTED);
    requested = true;
    onRequest();
  };
  process.on('SIGINT', heard).on('SIGTERM', heard);
  return {
    get requested() {
      return requested;
    },
    dispose: () => void process.off('SIGINT', heard).off('SIGTERM', heard),
  };
}
