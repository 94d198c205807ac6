import type { Writable } from 'node:stream';

/**
 * Takes each message when the one before is on its way, so that a consumer that does not read stops the producer.
 * When it is over before its end, the messages' iterator is returned at once, even while it is waited for.
 * @throws what the producer or `send` throws; the signal's reason when it is over
 */
export async function pump<T>(
  messages: AsyncIterable<T>,
  send: (message: T) => Promise<void>,
  over: AbortSignal,
): Promise<void> {
  const iterator = messages[Symbol.asyncIterator]();
  const leave = () => void iterator.return?.().catch(() => undefined);
  try {
    for (;;) {
      const next = await unless(over, iterator.next());
      if (next.done) return;
      await unless(over, send(next.value));
    }
  } catch (error) {
    leave();
    throw error;
  }
}

/** Resolved when the message has left for the network, which waits for the peer's flow control; never, if the call ends. */
export function written(stream: Writable, message: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(message, (error) => (error ? reject(error) : resolve()));
  });
}

/** The promise's outcome, or as soon as the signal is aborted its reason. Nothing stays behind with the signal. */
export function unless<T>(over: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(over.reason);
    if (over.aborted) abort();
    else over.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => over.removeEventListener('abort', abort));
  });
}
