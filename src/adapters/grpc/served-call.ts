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

/** An implementation as those see it who know its definition only. */
export type MethodsByName = Readonly<Record<string, (request: unknown, context: CallContext) => unknown>>;

/** On the wire all four kinds of calls are one: messages there, messages back. */
export type MethodHandler = (call: WireCall) => Promise<void>;

/**
 * Lets a method's implementation answer a call.
 *
 * 1. One request is read when it is asked for, one reply asked for when the one before has left.
 * 2. When the caller is gone (cancelled, deadline, lost), the replies' iterator is returned, the requests throw, and the
 *    signal aborts: what was cut off must not look like what was sent whole, and what nobody waits for is not worked at.
 */
export function methodHandler(
  method: ServiceMethod,
  implementation: MethodsByName,
  what: string,
  { bytesMax, requestBytesMax }: { readonly bytesMax: number; readonly requestBytesMax: number },
): MethodHandler {
  const requestCodec = boundedCodec(method.requestType, what, requestBytesMax);
  const responseCodec = boundedCodec(method.responseType, what, bytesMax);
  return async (call) => {
    const over = new AbortController();
    call.once('cancelled', () => over.abort(new AppError('interrupted', `${what}: the caller is gone`)));
    const requests = received(call, requestCodec, over.signal);
    const request = method.requestStream ? requests : await single(requests);
    const answer = implementation[method.name]!(request, { signal: over.signal });
    const send = (reply: unknown) => written(call, responseCodec.encode(reply));
    if (method.responseStream) await pump(answer as AsyncIterable<unknown>, send, over.signal);
    else await unless(over.signal, send(await unless(over.signal, Promise.resolve(answer))));
  };
}

async function* received(call: WireCall, codec: MessageCodec<unknown>, over: AbortSignal): Requests {
  try {
    // Who reads no further may still want to answer.
    for await (const bytes of call.iterator({ destroyOnReturn: false })) yield codec.decode(bytes);
  } catch (error) {
    throw over.aborted ? over.reason : error; // 2
  }
  // grpc-js ends the requests of a call that was cancelled as if they were all there. Sending headers makes it look.
  call.sendMetadata(new Metadata());
  await setImmediate();
  if (over.aborted) throw over.reason; // 2
}

async function single(requests: Requests): Promise<unknown> {
  const { value, done } = await requests.next();
  if (done) throw new RejectedInput('bad_message', 'the request is missing');
  return value;
}
