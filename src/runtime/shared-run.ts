/**
 * One run of an action at a time, for whoever asks: those who ask while one is under way share the next, which begins
 * after they asked. However many ask, the work does not grow.
 */
export function sharedRun(action: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= last = last
      .catch(() => {})
      .then(() => {
        next = undefined;
        return action();
      });
    return next;
  };
}
