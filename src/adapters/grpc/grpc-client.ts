import { Client } from '@grpc/grpc-js';
import { AppError } from '../../model/app-error.ts';
import type { DefinitionOf, ServiceDefinition } from '../../protocol/service-definition.ts';
import { clientChannelOptions, MESSAGE_BYTES_MAX } from './channel-options.ts';
import { type CalledMethod, type CallPlace, exchange } from './client-call.ts';
import { clientCredentials } from './grpc-security.ts';
import type { GrpcSecurity, RenewedSecurity } from './renewed-certificates.ts';

const DEADLINE_MS = 30_000;
const IDLE_MS = 60_000;

export interface GrpcLinkOptions {
  /** `host:port`, `grpc://host:port`, with `security` also `grpcs://host:port`; on this machine `unix:/path`. */
  readonly address: string;
  readonly security?: GrpcSecurity | RenewedSecurity;
  /** With `security`: the common name of the server's certificate, `gateway`; any unless told. */
  readonly role?: string;
  /** Of one message, in either direction. */
  readonly messageBytesMax?: number;
  /** Passed on with every call, so that what it causes belongs to the same trace. */
  readonly traceparent?: () => string;
}

export interface GrpcClientOptions<S> {
  /**
   * Of all methods or of each by its name. For one answer: from the call to its end, 30 s unless given. For a stream of
   * answers: between them, while one is waited for; 60 s unless given, for ever where the requests are a stream too,
   * since they set the pace. 0 is for ever.
   */
  readonly deadlineMs?: number | { readonly [K in keyof S]?: number };
}

/** A connection to one server, made when it is needed, and again whenever it was lost. */
export interface GrpcLink {
  readonly address: string;
  /** Its methods throw AppErrors: `unavailable` and retryable where trying again can help. */
  client<S extends object>(definition: DefinitionOf<S>, options?: GrpcClientOptions<S>): S;
  /** Ends the calls that run, with `closed`. */
  close(): void;
}

/** @throws AppError `invalid_argument` where the address is none */
export function connectGrpc(options: GrpcLinkOptions): GrpcLink {
  const { address: text, security, role, messageBytesMax, traceparent } = options;
  const address = parseAddress(text, security !== undefined);
  const bytesMax = messageBytesMax ?? MESSAGE_BYTES_MAX;
  const client = new Client(address, clientCredentials(security, role), clientChannelOptions(bytesMax));
  const place: CallPlace = { client, running: new Set(), ...(traceparent && { traceparent }) };

  function caller(called: CalledMethod): (request: unknown) => unknown {
    const { requestStream, responseStream } = called.method;
    return (request) => {
      const requests = requestStream ? (request as AsyncIterable<unknown>) : only(request);
      const replies = exchange(place, called, requests);
      return responseStream ? replies : single(replies, called.what);
    };
  }

  return {
    address,
    client<S extends object>(definition: DefinitionOf<S>, { deadlineMs }: GrpcClientOptions<S> = {}): S {
      const { fullName, methods } = definition as unknown as ServiceDefinition;
      const callers = Object.values(methods).map((method) => {
        const given = typeof deadlineMs === 'object' ? deadlineMs[method.name as keyof S] : deadlineMs;
        const path = `/${fullName}/${method.name}`;
        const isOne = !method.responseStream;
        const called = {
          method,
          path,
          what: `${fullName}/${method.name} at ${address}`,
          bytesMax,
          deadlineMs: isOne ? (given ?? DEADLINE_MS) : 0,
          idleMs: isOne ? 0 : (given ?? (method.requestStream ? 0 : IDLE_MS)),
        };
        return [method.name, caller(called)];
      });
      return Object.fromEntries(callers) as S;
    },
    close() {
      place.closed = new AppError('closed', `the link to ${address} is closed`);
      for (const call of place.running) call.cancel(place.closed);
      client.close();
    },
  };
}

async function* only<T>(one: T): AsyncGenerator<T, void, undefined> {
  yield one;
}

/** Read to the end, because the status comes last. */
async function single(replies: AsyncIterable<unknown>, what: string): Promise<unknown> {
  const all: unknown[] = [];
  for await (const reply of replies) all.push(reply);
  if (all.length === 1) return all[0];
  throw new AppError('internal', `${what}: ${all.length} answers instead of one`);
}

function parseAddress(text: string, isSecure: boolean): string {
  if (text.startsWith('unix:/')) return text;
  const [, scheme, address] = /^(?:(grpcs?):[/][/])?((?:[^\s/:]+|\[[\da-fA-F:.]+\]):\d{1,5})[/]?$/.exec(text) ?? [];
  if (address === undefined) {
    throw new AppError('invalid_argument', `the gRPC address ${text} is none: give host:port or grpc://host:port`);
  }
  if (scheme === 'grpcs' && !isSecure) {
    throw new AppError('invalid_argument', `${text} needs TLS: give authority, certificate and key, or write grpc://`);
  }
  if (scheme === 'grpc' && isSecure) {
    throw new AppError('invalid_argument', `${text} is plain text, but certificates are given: write grpcs://`);
  }
  return address;
}
