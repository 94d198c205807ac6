/**
 * Runs an action for all its callers, one run at a time. Callers that arrive during a run share the next run, which
 * begins after their call. So the work does not grow with the number of callers.
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
