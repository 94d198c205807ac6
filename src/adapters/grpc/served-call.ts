import { setImmediate } from 'node:timers/promises';
import { Metadata, type ServerDuplexStream } from '@grpc/grpc-js';
import { AppError } from '../../model/app-error.ts';
import { RejectedInput } from '../../model/rejection.ts';
import type { CallContext } from '../../protocol/call-context.ts';
import type { MessageCodec } from '../../protocol/message-codec.ts';
import type { ServiceMethod } from '../../protocol/service-definition.ts';
import { boundedCodec } from './bounded-codec.ts';
import { pump, unless, written } from './pump.ts';

export type WireCall = ServerDuplexStream<Uint8Array, Uint8Array>;
type Requests = AsyncGenerator<unknown, void, undefined>;

/** A service implementation whose interface is known only from its definition. */
export type MethodsByName = Readonly<Record<string, (request: unknown, context: CallContext) => unknown>>;

/** What went through a call. */
export interface CallTraffic {
  /** The first request, once it has come. */
  first?: unknown;
  requests: number;
  replies: number;
}

/** Handles one call. On the wire all four kinds of calls are the same: a stream of messages in each direction. */
export type MethodHandler = (call: WireCall, traffic: CallTraffic) => Promise<void>;

/**
 * Returns a handler that answers a call with the method's implementation.
 *
 * 1. A request is read only when the implementation asks for it. The next reply is taken only when the previous one was
 *    sent.
 * 2. When the caller is gone (cancelled, deadline, connection lost), the replies' iterator is returned, the requests
 *    throw, and the signal aborts. So a truncated stream never looks complete, and no work is done for nobody.
 */
export function methodHandler(
  method: ServiceMethod,
  implementation: MethodsByName,
  what: string,
  { bytesMax, requestBytesMax }: { readonly bytesMax: number; readonly requestBytesMax: number },
): MethodHandler {
  const requestCodec = boundedCodec(method.requestType, what, requestBytesMax);
  const responseCodec = boundedCodec(method.responseType, what, bytesMax);
  return async (call, traffic) => {
    const over = new AbortController();
    call.once('cancelled', () => over.abort(new AppError('interrupted', `${what}: the caller is gone`)));
    const requests = received(call, requestCodec, over.signal, traffic);
    const request = method.requestStream ? requests : await single(requests);
    const answer = implementation[method.name]!(request, { signal: over.signal });
    const send = (reply: unknown) => {
      traffic.replies++;
      return written(call, responseCodec.encode(reply));
    };
    if (method.responseStream) await pump(answer as AsyncIterable<unknown>, send, over.signal);
    else await unless(over.signal, send(await unless(over.signal, Promise.resolve(answer))));
  };
}

async function* received(
  call: WireCall,
  codec: MessageCodec<unknown>,
  over: AbortSignal,
  traffic: CallTraffic,
): Requests {
  try {
    // An implementation that stops reading may still send a reply.
    for await (const bytes of call.iterator({ destroyOnReturn: false })) {
      const request = codec.decode(bytes);
      if (traffic.requests++ === 0) traffic.first = request;
      yield request;
    }
  } catch (error) {
    throw over.aborted ? over.reason : error; // 2
  }
  // If a call is cancelled, grpc-js ends its requests as if they were complete. Sending headers makes grpc-js notice
  // the cancellation.
  call.sendMetadata(new Metadata());
  await setImmediate();
  if (over.aborted) throw over.reason; // 2
}

async function single(requests: Requests): Promise<unknown> {
  const { value, done } = await requests.next();
  if (done) throw new RejectedInput('bad_message', 'the request is missing');
  return value;
}
