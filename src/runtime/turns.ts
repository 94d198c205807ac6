/** Runs at most `atOnce` actions at a time. The others wait in order of arrival. */
export interface Turns {
  /**
   * @returns the action's result
   * @throws the signal's reason if it aborts before the action's turn: then the action does not wait any more
   */
  take<T>(action: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export function createTurns(atOnce: number): Turns {
  const waiting = new Set<() => void>();
  let running = 0;

  function wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiting.delete(goOn);
        signal?.removeEventListener('abort', giveUp);
      };
      const goOn = () => {
        leave();
        resolve();
      };
      const giveUp = () => {
        leave();
        reject(signal?.reason);
      };
      waiting.add(goOn);
      signal?.addEventListener('abort', giveUp);
    });
  }

  return {
    async take(action, signal) {
      signal?.throwIfAborted();
      if (running < atOnce) running++;
      else await wait(signal); // an action that ends passes its place on
      try {
        return await action();
      } finally {
        const [next] = waiting;
        if (next) next();
        else running--;
      }
    },
  };
}
