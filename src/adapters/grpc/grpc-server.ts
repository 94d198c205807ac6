import { Server, type ServerCredentials, status } from '@grpc/grpc-js';
import { AppError } from '../../model/app-error.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { type Health, HealthDefinition } from '../../protocol/generated/grpc/health/v1/health.generated.ts';
import type { DefinitionOf, ServiceDefinition } from '../../protocol/service-definition.ts';
import { systemClock } from '../in-process/system-clock.ts';
import { asBuffer } from './bounded-codec.ts';
import { type CallLimit, type CallLimits, createRunningCalls, limitOf } from './call-limits.ts';
import { type CallerIdentity, callerIdentity } from './caller-identity.ts';
import { channelOptions, MESSAGE_BYTES_MAX } from './channel-options.ts';
import { statusOf } from './grpc-failure.ts';
import { assertAllowed, type MethodPolicy, serverCredentials } from './grpc-security.ts';
import type { GrpcSecurity, RenewedSecurity } from './renewed-certificates.ts';
import { type CallTraffic, type MethodsByName, methodHandler, type WireCall } from './served-call.ts';
import { createServerHealth } from './server-health.ts';

export interface ServedService {
  readonly definition: ServiceDefinition;
  readonly implementation: object;
}

export interface GrpcServerOptions {
  /** `host:port`; port 0 takes a free one; or `unix:/path`, which has none. */
  readonly address: string;
  readonly services: readonly ServedService[];
  /** Without it everyone may call every method, in plain text. */
  readonly security?: GrpcSecurity | RenewedSecurity;
  /**
   * Used only with `security`. Without a policy every holder of a certificate may call every method. Health checks are
   * always allowed to every holder of a certificate.
   */
  readonly authorize?: MethodPolicy;
  /** How many calls a client may run at a time, and how large requests may be. */
  readonly limits?: CallLimits;
  /** Called for each call that a limit refuses. */
  readonly onLimit?: (limit: CallLimit) => void;
  /** Size limit of one message, in either direction. */
  readonly messageBytesMax?: number;
  /** Runs each call in its caller's trace. */
  readonly trace?: Pick<Telemetry, 'inTrace'>;
  /** Called for each call that is over, also for one that was refused; not for health checks. */
  readonly onCall?: (call: EndedCall) => void;
  /** Called for each failure of which the caller learns only `internal error`. */
  readonly onError?: (error: unknown, method: string) => void;
}

export interface EndedCall extends CallTraffic {
  /** `elastream.v1.Gateway/Submit` */
  readonly method: string;
  readonly caller: CallerIdentity;
  /** gRPC's name of the outcome: `OK`, `PERMISSION_DENIED`, ... */
  readonly code: string;
  readonly seconds: number;
}

export interface GrpcServer {
  readonly port: number;
  /** `host:port`, with the port in use. */
  readonly address: string;
  setServing(is: boolean): void;
  /** Refuses new calls (the client may call another server) and gives running calls this long to end. */
  stop(graceMs: number): Promise<void>;
}

/** Pairs an implementation with the definition that was generated with its interface. */
export function served<S extends object>(definition: DefinitionOf<S>, implementation: S): ServedService {
  return { definition: definition as unknown as ServiceDefinition, implementation };
}

/**
 * @throws AppError `unavailable` if the address cannot be bound; `invalid_argument` if the certificates are not usable
 */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { address, services, security, trace } = options;
  const bytesMax = options.messageBytesMax ?? MESSAGE_BYTES_MAX;
  const policy = security && options.authorize;
  const server = new Server(channelOptions(bytesMax));
  const health = createServerHealth(services.map(({ definition }) => definition.fullName));
  const running = new Set<Promise<void>>();
  const calls = createRunningCalls(options.limits ?? {}, (limit) => options.onLimit?.(limit));
  let isStopping = false;

  function register({ definition: { fullName, methods }, implementation }: ServedService, isHealth: boolean): void {
    for (const method of Object.values(methods)) {
      const what = `${fullName}/${method.name}`;
      const requestBytesMax = limitOf(options.limits ?? {}, what)?.requestBytesMax ?? bytesMax;
      const answer = methodHandler(method, implementation as MethodsByName, what, { bytesMax, requestBytesMax });
      const handle = async (call: WireCall) => {
        let leave = () => {};
        const traffic: CallTraffic = { requests: 0, replies: 0 };
        const begun = systemClock.monotonic();
        const over = (code: status) => {
          if (isHealth) return;
          const seconds = (systemClock.monotonic() - begun) / 1000;
          options.onCall?.({ method: what, caller: callerIdentity(call), code: status[code], seconds, ...traffic });
        };
        try {
          if (policy && !isHealth) assertAllowed(call, fullName, method.name, policy);
          if (isStopping && !isHealth) throw new AppError('closed', 'the server is stopping');
          leave = calls.enter(call, what);
          await answer(call, traffic);
          call.end();
          over(status.OK);
        } catch (error) {
          over(endWith(call, error, (defect) => options.onError?.(defect, what)));
        } finally {
          leave();
        }
      };
      const tracked = (call: WireCall) => {
        const caller = call.metadata.get('traceparent')[0]?.toString();
        const span = { name: what, kind: 'server', attributes: { 'rpc.system': 'grpc' } } as const;
        const handling = trace && !isHealth ? trace.inTrace(caller, span, () => handle(call)) : handle(call);
        const ended = handling.finally(() => running.delete(ended));
        running.add(ended);
      };
      server.register(`/${what}`, tracked, asBuffer, asBuffer, 'bidi');
    }
  }

  for (const service of services) register(service, false);
  register(served<Health>(HealthDefinition, health.implementation), true);
  const port = await bind(server, address, serverCredentials(security));
  return {
    port,
    address: address.replace(/\d+$/, String(port)),
    setServing: health.setServing,
    stop(graceMs) {
      isStopping = true;
      health.end();
      return shutDown(server, running, graceMs);
    },
  };
}

/** @returns the status with which the call ended */
function endWith(call: WireCall, error: unknown, onDefect: (error: unknown) => void): status {
  // Nobody receives the error of a cancelled call.
  if (call.cancelled) return status.CANCELLED;
  const told = statusOf(error);
  if (told === undefined) onDefect(error);
  const { code, ...rest } = told ?? { code: status.INTERNAL, details: 'internal error' };
  call.emit('error', { code, ...rest });
  return code;
}

async function shutDown(server: Server, running: Iterable<Promise<void>>, graceMs: number): Promise<void> {
  const grace = new AbortController();
  const graceOver = systemClock.sleep(graceMs, grace.signal);
  await Promise.race([Promise.all(running), graceOver]);
  // The last replies may still be in transit.
  const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  await Promise.race([closed, graceOver]);
  grace.abort();
  server.forceShutdown();
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error)
        reject(new AppError('unavailable', `gRPC cannot listen on ${address}: ${error.message}`, { cause: error }));
      else resolve(port);
    });
  });
}
