import type { Consumer } from '../../ports/event-log.ts';

/** The `ended` of a consumer, and the means to settle it. */
export interface Ending extends Pick<Consumer, 'ended'> {
  resolve(): void;
  reject(error: unknown): void;
}

export function createEnding(): Ending {
  let settle = { resolve: () => {}, reject: (_error: unknown) => {} };
  const ended = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // A consumer may fail while nobody watches `ended`.
  ended.catch(() => {});
  return { ended, ...settle };
}
