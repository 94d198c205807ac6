import type { Writable } from 'node:stream';

/**
 * Sends messages one after another: it takes the next message only when the previous one was sent (backpressure). If
 * `over` is aborted before the end, the messages' iterator is returned at once, even while a message is awaited.
 * @throws what the producer or `send` throws; the signal's reason after an abort
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

/**
 * Resolves when the message was sent to the network, which obeys the peer's flow control. It never settles if the call
 * ends.
 */
export function written(stream: Writable, message: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(message, (error) => (error ? reject(error) : resolve()));
  });
}

/**
 * Returns the promise's outcome, or rejects with the signal's reason as soon as the signal is aborted. The listener is
 * removed afterwards.
 */
export function unless<T>(over: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(over.reason);
    if (over.aborted) abort();
    else over.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => over.removeEventListener('abort', abort));
  });
}
