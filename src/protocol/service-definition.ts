import type { GeneratedMessage } from './message-codec.ts';

/** One of the methods of a generated definition. */
export interface ServiceMethod {
  readonly name: string;
  readonly requestStream: boolean;
  readonly requestType: GeneratedMessage<unknown>;
  readonly responseStream: boolean;
  readonly responseType: GeneratedMessage<unknown>;
}

/** What generated code says of a service. */
export interface ServiceDefinition {
  readonly fullName: string;
  readonly methods: Readonly<Record<string, ServiceMethod>>;
}

type Message<T> = T extends AsyncIterable<infer M> | Promise<infer M> ? M : T;
type IsStream<T> = T extends AsyncIterable<unknown> ? true : false;
type MethodOf<F> = F extends (request: infer Q) => infer A
  ? {
      readonly requestStream: IsStream<Q>;
      readonly requestType: GeneratedMessage<Message<Q>>;
      readonly responseStream: IsStream<A>;
      readonly responseType: GeneratedMessage<Message<A>>;
    }
  : never;

/** The definition that was generated together with the interface S; the compiler refuses another. */
export interface DefinitionOf<S> {
  readonly fullName: string;
  readonly methods: { readonly [K in keyof S & string as Uncapitalize<K>]: MethodOf<S[K]> & { readonly name: K } };
}
