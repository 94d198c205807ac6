/** Limits the bytes in memory of all streams that share the budget. */
export interface ByteBudget {
  take(bytes: number): void;
  give(bytes: number): void;
  /** Resolves as soon as fewer bytes are held than the limit, or the signal aborts. */
  room(signal: AbortSignal): Promise<void>;
}

export interface BudgetWatch {
  /** Called with the number of bytes that are held now. */
  held(bytes: number): void;
  /** Called when a caller has to wait. */
  full(): void;
}

/**
 * An item's size is known only when it has arrived, so each caller may exceed the budget by one item. Nothing is
 * reserved beforehand: a caller that waits for its next item must not keep the others waiting.
 */
export function createByteBudget(bytesMax: number, watch: BudgetWatch): ByteBudget {
  const waiting = new Set<() => void>();
  let held = 0;

  function wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const goOn = () => {
        waiting.delete(goOn);
        signal.removeEventListener('abort', goOn);
        resolve();
      };
      waiting.add(goOn);
      signal.addEventListener('abort', goOn);
    });
  }

  return {
    take(bytes) {
      held += bytes;
      watch.held(held);
    },
    give(bytes) {
      held -= bytes;
      watch.held(held);
      if (held >= bytesMax) return;
      for (const goOn of [...waiting]) goOn();
    },
    async room(signal) {
      if (held < bytesMax) return;
      watch.full();
      while (held >= bytesMax && !signal.aborted) await wait(signal);
    },
  };
}
