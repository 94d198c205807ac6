import { type Client, type ClientDuplexStream, Metadata, status } from '@grpc/grpc-js';
import { AppError } from '../../model/app-error.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { ServiceMethod } from '../../protocol/service-definition.ts';
import { asBuffer, boundedCodec } from './bounded-codec.ts';
import { callFailure } from './grpc-failure.ts';
import { pump, written } from './pump.ts';

export interface CalledMethod {
  readonly method: ServiceMethod;
  readonly path: string;
  /** Method and address, for error messages. */
  readonly what: string;
  readonly bytesMax: number;
  /** Time limit of the whole call; 0 means none. */
  readonly deadlineMs: number;
  /** Time limit for the wait for each message; 0 means none. */
  readonly idleMs: number;
}

/** The connection. Closing it ends its calls. */
export interface CallPlace {
  readonly client: Client;
  readonly running: Set<{ cancel(reason: AppError): void }>;
  closed?: AppError;
  /** Makes each call a part of the caller's current span. */
  readonly trace?: Pick<Telemetry, 'startSpan'>;
}

/**
 * Returns the replies to the requests. The call begins when the first reply is requested.
 *
 * 1. A reply is read only when the consumer asks for it. The next request is taken only when the previous one was sent.
 * 2. When the call is over, for any reason, the requests' iterator is returned.
 * 3. Returning the replies' iterator cancels the call, even while a reply is awaited.
 */
export function exchange(
  place: CallPlace,
  called: CalledMethod,
  requests: AsyncIterable<unknown>,
): AsyncIterableIterator<unknown> {
  const requestCodec = boundedCodec(called.method.requestType, called.what, called.bytesMax);
  const responseCodec = boundedCodec(called.method.responseType, called.what, called.bytesMax);
  let call: ClientDuplexStream<Uint8Array, Uint8Array> | undefined;
  /** Why this side cancelled the call; the call's status does not tell. */
  let reason: unknown;
  const running = {
    cancel(why: unknown) {
      reason ??= why;
      call?.cancel();
    },
  };

  async function* receive(): AsyncGenerator<unknown, void, undefined> {
    if (place.closed) throw place.closed;
    const deadline = called.deadlineMs > 0 ? Date.now() + called.deadlineMs : Number.POSITIVE_INFINITY;
    const span = place.trace?.startSpan({
      name: called.path.slice(1),
      kind: 'client',
      attributes: { 'rpc.system': 'grpc', 'server.address': place.client.getChannel().getTarget() },
    });
    const metadata = new Metadata();
    if (span) metadata.set('traceparent', span.traceparent);
    const opened = place.client.makeBidiStreamRequest(called.path, asBuffer, asBuffer, metadata, { deadline });
    call = opened;
    place.running.add(running);
    const over = new AbortController();
    opened.once('status', () => over.abort()); // 2
    // The iterator throws the error too. Without a listener the error would end the process.
    opened.on('error', () => undefined);
    const send = (request: unknown) => written(opened, requestCodec.encode(request));
    pump(requests, send, over.signal).then(
      () => opened.end(),
      (error) => over.signal.aborted || running.cancel(error),
    );
    const replies = opened[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await withinIdle(opened, called.idleMs, replies.next());
        if (next.done) return;
        yield responseCodec.decode(next.value);
      }
    } catch (error) {
      const failure = reason ?? callFailure(error, called.what);
      span?.end(failure);
      throw failure;
    } finally {
      span?.end();
      opened.cancel(); // 3
      over.abort(); // 2
      place.running.delete(running);
    }
  }

  const replies = receive();
  return {
    next: () => replies.next(),
    return() {
      running.cancel(new AppError('interrupted', `${called.what}: the call was cancelled`)); // 3
      return replies.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function withinIdle<T>(
  call: ClientDuplexStream<Uint8Array, Uint8Array>,
  idleMs: number,
  message: Promise<T>,
): Promise<T> {
  if (idleMs === 0) return await message;
  const text = `no message for ${idleMs} ms`;
  const timer = setTimeout(() => call.call?.cancelWithStatus(status.DEADLINE_EXCEEDED, text), idleMs);
  try {
    return await message;
  } finally {
    clearTimeout(timer);
  }
}
