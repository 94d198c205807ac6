/** Runs at most so many actions at a time. The others wait, first come, first served. */
export interface Turns {
  /**
   * @returns the action's outcome
   * @throws the signal's reason where it aborts before the turn: then nobody waits any more
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
      else await wait(signal); // whoever leaves hands its place over
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
