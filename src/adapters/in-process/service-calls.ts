import type { CallContext } from '../../protocol/call-context.ts';
import { type GeneratedMessage, messageCodec } from '../../protocol/message-codec.ts';
import type { DefinitionOf, ServiceDefinition, ServiceMethod } from '../../protocol/service-definition.ts';

/*
 * Invariants:
 * 1. Every message is encoded and decoded on its way, so both sides see what they would see over a network, and neither
 *    sees the other's objects. Errors pass unchanged.
 * 2. A reply is made when the client asks for it, and a request is taken when the service asks for it. So no messages
 *    collect between them.
 * 3. A client that returns the replies' iterator ends the call, even while it waits for a reply.
 */

type Method = (request: unknown, context: CallContext) => unknown;
type Carry = (message: unknown) => unknown;

/** Returns a service of this process as clients elsewhere would see it. */
export function callInProcess<S extends object>(definition: DefinitionOf<S>, implementation: S): S {
  const { methods } = definition as unknown as ServiceDefinition;
  const answers = implementation as Readonly<Record<string, Method>>;
  return Object.fromEntries(Object.values(methods).map((method) => [method.name, callerOf(method, answers)])) as S;
}

function callerOf(method: ServiceMethod, answers: Readonly<Record<string, Method>>): (request: unknown) => unknown {
  const carryRequest = carrying(method.requestType);
  const carryReply = carrying(method.responseType);
  const call = (request: unknown, { signal }: AbortController) => {
    const carried = method.requestStream
      ? stream(request as AsyncIterable<unknown>, carryRequest)
      : carryRequest(request);
    return answers[method.name]!(carried, { signal });
  };
  if (!method.responseStream) return async (request) => carryReply(await call(request, new AbortController()));
  return (request) => {
    const over = new AbortController();
    const replies = call(request, over) as AsyncIterable<unknown>;
    return stream(replies, carryReply, () => over.abort());
  };
}

function carrying(type: GeneratedMessage<unknown>): Carry {
  const same = (message: unknown) => message;
  const { encode, decode } = messageCodec<unknown, unknown>(type, same, same);
  return (message) => decode(encode(message));
}

/** This is not a generator: a generator cannot be returned while it waits. */
function stream(messages: AsyncIterable<unknown>, carry: Carry, onReturn = () => {}): AsyncIterableIterator<unknown> {
  let iterator: AsyncIterator<unknown> | undefined;
  return {
    async next() {
      iterator ??= messages[Symbol.asyncIterator](); // 2
      const { done, value } = await iterator.next();
      return done ? { done, value: undefined } : { done: false, value: carry(value) }; // 1
    },
    async return() {
      onReturn();
      await iterator?.return?.(); // 3
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
