import { type Client, type ClientDuplexStream, Metadata, status } from '@grpc/grpc-js';
import { AppError } from '../../model/app-error.ts';
import type { ServiceMethod } from '../../protocol/service-definition.ts';
import { asBuffer, boundedCodec } from './bounded-codec.ts';
import { callFailure } from './grpc-failure.ts';
import { pump, written } from './pump.ts';

export interface CalledMethod {
  readonly method: ServiceMethod;
  readonly path: string;
  /** Method and address, for messages. */
  readonly what: string;
  readonly bytesMax: number;
  /** From the call to its end; 0 is for ever. */
  readonly deadlineMs: number;
  /** Without a message that is waited for; 0 is for ever. */
  readonly idleMs: number;
}

/** The connection, whose end is its calls' end. */
export interface CallPlace {
  readonly client: Client;
  readonly running: Set<{ cancel(reason: AppError): void }>;
  closed?: AppError;
  /** The caller's current span, W3C Trace Context. */
  readonly traceparent?: () => string;
}

/**
 * The replies to requests; the call begins when the first reply is asked for.
 *
 * 1. One reply is read when it is asked for, one request asked for when the one before has left.
 * 2. When the call is over, however it ended, the requests' iterator is returned.
 * 3. Whoever returns the replies cancels the call, even while a reply is waited for.
 */
export function exchange(
  place: CallPlace,
  called: CalledMethod,
  requests: AsyncIterable<unknown>,
): AsyncIterableIterator<unknown> {
  const requestCodec = boundedCodec(called.method.requestType, called.what, called.bytesMax);
  const responseCodec = boundedCodec(called.method.responseType, called.what, called.bytesMax);
  let call: ClientDuplexStream<Uint8Array, Uint8Array> | undefined;
  /** Why this side ended the call, which its status would not tell. */
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
    const opened = place.client.makeBidiStreamRequest(called.path, asBuffer, asBuffer, traced(place), { deadline });
    call = opened;
    place.running.add(running);
    const over = new AbortController();
    opened.once('status', () => over.abort()); // 2
    // The iterator throws it too; without a listener it would end the process.
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
      throw reason ?? callFailure(error, called.what);
    } finally {
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

function traced({ traceparent }: CallPlace): Metadata {
  const metadata = new Metadata();
  if (traceparent) metadata.set('traceparent', traceparent());
  return metadata;
}
