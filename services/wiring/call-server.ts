import { X509Certificate } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import type { CallLimits } from '../../src/adapters/grpc/call-limits.ts';
import { connectGrpc, type GrpcClientOptions } from '../../src/adapters/grpc/grpc-client.ts';
import { type ServedService, startGrpcServer } from '../../src/adapters/grpc/grpc-server.ts';
import { reflectionServices } from '../../src/adapters/grpc/reflection.ts';
import type { RenewedSecurity } from '../../src/adapters/grpc/renewed-certificates.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { AuditLog } from '../../src/ports/audit-log.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import type { DefinitionOf } from '../../src/protocol/service-definition.ts';
import type { Service } from '../../src/runtime/service.ts';
import { auditEntry } from './audited-calls.ts';
import { METHOD_POLICY } from './method-policy.ts';
import { hostOf, isLoopback } from './protection.ts';
import { readSecretFile } from './secret-files.ts';
import type { ServiceConfig } from './service-config.ts';
import type { NodeLink } from './service-directory.ts';

export interface CallServer extends Service {
  /** Address for other services. */
  readonly address: string;
}

export interface CallObservers {
  readonly telemetry: Telemetry;
  readonly audit: AuditLog;
}

const GRACE_MS = 10_000;

/** Starts the server for calls of other services, with mutual TLS if it is configured. */
export async function startCallServer(
  { grpc }: ServiceConfig,
  { telemetry, audit }: CallObservers,
  services: readonly ServedService[],
  limits: CallLimits = {},
): Promise<CallServer> {
  const security = grpcSecurity(grpc, telemetry);
  const server = await startGrpcServer({
    address: grpc.listen,
    services: [...services, ...(await offeredReflection(grpc, services, telemetry))],
    trace: telemetry,
    ...(security && { security, authorize: METHOD_POLICY }),
    limits,
    onCall(call) {
      telemetry.callEnded(call);
      const entry = auditEntry(call);
      if (entry) audit.note(entry);
    },
    onLimit: ({ setting }) => telemetry.limitReached({ limit: setting }),
    onError: (error) => telemetry.log('error', 'a call failed', { err: error }),
  });
  server.setServing(true);
  telemetry.log('info', `answers calls at ${server.address}`);
  return {
    address: `${bracketed(grpc.advertise ?? reachableHost(grpc.listen))}:${server.port}`,
    failed: new Promise<never>(() => {}),
    stop: () => server.stop(GRACE_MS),
  };
}

/** The contracts are loaded only where tools may ask for them. Without them the service works all the same. */
async function offeredReflection(
  { reflection, listen }: ServiceConfig['grpc'],
  services: readonly ServedService[],
  telemetry: Telemetry,
): Promise<readonly ServedService[]> {
  if (!(reflection ?? isLoopback(hostOf(listen)))) return [];
  const { loadContracts } = await import('../../src/adapters/proto-loader/contracts.ts');
  const names = services.map(({ definition }) => definition.fullName);
  try {
    return reflectionServices(names, loadContracts().files);
  } catch (error) {
    telemetry.log('warn', 'tools cannot ask what is offered here', { err: error });
    return [];
  }
}

/** If the server listens on all addresses, others reach it by the host name of its machine or container. */
function reachableHost(listen: string): string {
  const host = hostOf(listen);
  return host === '0.0.0.0' || host === '::' ? hostname() : host;
}

/** An IPv6 address, such as a pod's, needs brackets before a port. */
function bracketed(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/** Certificates are read again while the service runs: they are valid for days, and services run for months. */
function grpcSecurity({ tls }: ServiceConfig['grpc'], telemetry: Telemetry): RenewedSecurity | undefined {
  if (tls === undefined) return undefined;
  const { ca_file: ca, certificate_file: certificate, key_file: key } = tls;
  return {
    read: () => ({ ca: readSecretFile(ca), certificate: readSecretFile(certificate), key: readSecretFile(key) }),
    onFailure: (error) => telemetry.log('warn', 'goes on with the certificates that it has', { err: error }),
  };
}

/**
 * Checks that the certificate belongs to this service. With another service's certificate it would start, and then each
 * of its calls would be refused.
 * @throws AppError `invalid_argument`
 */
export function checkIdentity(service: string, { grpc: { tls } }: ServiceConfig): void {
  if (tls === undefined) return;
  const file = tls.certificate_file;
  const names = commonNames(file);
  if (names.length === 1 && names[0] === service) return;
  const found = names.length === 0 ? 'no common name' : `the common name ${names.join(', ')}`;
  const remedy = `others know this service by CN=${service}; give it a certificate of its own`;
  throw new AppError('invalid_argument', `grpc.tls.certificate_file ${file} has ${found}: ${remedy}`);
}

function commonNames(file: string): string[] {
  try {
    const { subject } = new X509Certificate(readSecretFile(file));
    return subject.split('\n').flatMap((line) => (line.startsWith('CN=') ? [line.slice(3)] : []));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const message = `grpc.tls.certificate_file ${file} holds no certificate in PEM: ${(cause as Error).message}`;
    throw new AppError('invalid_argument', message, { cause });
  }
}

/**
 * Returns a function that connects to a node of another service (`role`). Each connection is opened on its first call.
 */
export function nodeLinks<Calls extends object>(
  { grpc }: ServiceConfig,
  telemetry: Telemetry,
  definition: DefinitionOf<Calls>,
  options: GrpcClientOptions<Calls> & { readonly role: string },
): (address: string) => NodeLink<Calls> {
  const security = grpcSecurity(grpc, telemetry);
  const { role } = options;
  return (address) => {
    const link = connectGrpc({
      address,
      trace: telemetry,
      ...(security && { security, role }),
    });
    return { calls: link.client<Calls>(definition, options), close: (reason) => link.close(reason) };
  };
}
