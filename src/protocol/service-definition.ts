import type { GeneratedMessage } from './message-codec.ts';

/** A method of a generated service definition. */
export interface ServiceMethod {
  readonly name: string;
  readonly requestStream: boolean;
  readonly requestType: GeneratedMessage<unknown>;
  readonly responseStream: boolean;
  readonly responseType: GeneratedMessage<unknown>;
}

/** A generated service definition. */
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

/** The definition that was generated together with the interface S. The compiler rejects any other definition. */
export interface DefinitionOf<S> {
  readonly fullName: string;
  readonly methods: { readonly [K in keyof S & string as Uncapitalize<K>]: MethodOf<S[K]> & { readonly name: K } };
}
