import { Client } from '@grpc/grpc-js';
import { AppError } from '../../model/app-error.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
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
  /** With `security`: the common name that the server's certificate must have, such as `gateway`. Default: any name. */
  readonly role?: string;
  /** Size limit of one message, in either direction. */
  readonly messageBytesMax?: number;
  /** Sends the caller's trace with every call, so that the call's effects belong to the same trace. */
  readonly trace?: Pick<Telemetry, 'startSpan'>;
}

export interface GrpcClientOptions<S> {
  /**
   * Time limit for all methods, or for each method by name; 0 means none. For a single reply it limits the whole call;
   * default 30 s. For a stream of replies it limits the wait for each reply; default 60 s, or none if the requests are
   * also a stream, because then the requests set the pace.
   */
  readonly deadlineMs?: number | { readonly [K in keyof S]?: number };
}

/** A connection to one server. It is opened when it is needed and reopened after it was lost. */
export interface GrpcLink {
  readonly address: string;
  /** Returns a client. Its methods throw AppErrors: `unavailable` and retryable if a retry can help. */
  client<S extends object>(definition: DefinitionOf<S>, options?: GrpcClientOptions<S>): S;
  /** Ends the running calls, and all later ones, with this error. Default: `closed` */
  close(reason?: AppError): void;
}

/** @throws AppError `invalid_argument` if the address is malformed or contradicts `security` */
export function connectGrpc(options: GrpcLinkOptions): GrpcLink {
  const { address: text, security, role, messageBytesMax, trace } = options;
  const address = parseAddress(text, security !== undefined);
  const bytesMax = messageBytesMax ?? MESSAGE_BYTES_MAX;
  const client = new Client(address, clientCredentials(security, role), clientChannelOptions(bytesMax));
  const place: CallPlace = { client, running: new Set(), ...(trace && { trace }) };

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
    close(reason = new AppError('closed', `the link to ${address} is closed`)) {
      place.closed = reason;
      for (const call of place.running) call.cancel(place.closed);
      client.close();
    },
  };
}

async function* only<T>(one: T): AsyncGenerator<T, void, undefined> {
  yield one;
}

/** Reads to the end, because the status comes last. */
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
