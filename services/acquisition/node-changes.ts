import { AppError } from '../../src/model/app-error.ts';

/** Waits for changes that a node reads from the log. Every wait ends when the node stops. */
export interface NodeChanges {
  /** Calls back after every change that this node has read, until the returned function is called. */
  onChange(listener: () => void): () => void;
  /**
   * Resolves once this holds, looked at now and after every change, or the signal aborts.
   * @throws AppError `unavailable` (retryable) where this node stops first: another one can tell
   */
  until(holds: () => boolean, signal?: AbortSignal): Promise<void>;
  /** What the promise gives. @throws AppError `unavailable` (retryable) where this node stops first */
  whileRunning<T>(work: Promise<T>): Promise<T>;
}

/** @param notifying what is called after every change is put in here @param stopping aborts when the node stops */
export function createNodeChanges(notifying: Set<() => void>, stopping: AbortSignal): NodeChanges {
  function onChange(listener: () => void): () => void {
    // One of its own: the same listener may come twice.
    const own = () => listener();
    notifying.add(own);
    return () => void notifying.delete(own);
  }

  function until(holds: () => boolean, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const over = signal?.aborted || holds();
        if (!over && !stopping.aborted) return;
        notifying.delete(check);
        signal?.removeEventListener('abort', check);
        stopping.removeEventListener('abort', check);
        if (over) resolve();
        else reject(nodeIsStopping());
      };
      notifying.add(check);
      signal?.addEventListener('abort', check);
      stopping.addEventListener('abort', check);
      check();
    });
  }

  return {
    onChange,
    until,
    async whileRunning<T>(work: Promise<T>): Promise<T> {
      const over = new AbortController();
      const stopped = until(() => false, over.signal) as Promise<never>;
      try {
        return await Promise.race([stopped, work]);
      } finally {
        over.abort();
      }
    },
  };
}

/** The caller is not stopping itself, so it can ask another node. */
export function nodeIsStopping(): AppError {
  return new AppError('unavailable', 'this node is stopping: ask another one', { retryable: true });
}
