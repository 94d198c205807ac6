import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { ChannelCredentials, experimental, ServerCredentials, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { StatusError } from './grpc-failure.ts';
import { certificateProvider, type GrpcSecurity, type RenewedSecurity } from './renewed-certificates.ts';

/**
 * Who may call which method. The keys are methods (`elastream.v1.TrainingShard/Rank`) or, for all other methods of a
 * service, the service (`elastream.v1.Gateway/*`). The values are identities: the common name (CN) in the subject of
 * the peer's certificate.
 */
export type MethodPolicy = Readonly<Record<string, readonly string[]>>;

export function serverCredentials(security: GrpcSecurity | RenewedSecurity | undefined): ServerCredentials {
  if (!security) return ServerCredentials.createInsecure();
  const provider = certificateProvider(security);
  return experimental.createCertificateProviderServerCredentials(provider, provider, true);
}

/**
 * @param role the common name that the server's certificate must have; default: any name that the authority has signed
 */
export function clientCredentials(
  security: GrpcSecurity | RenewedSecurity | undefined,
  role?: string,
): ChannelCredentials {
  if (!security) return ChannelCredentials.createInsecure();
  const provider = certificateProvider(security);
  return experimental.createCertificateProviderChannelCredentials(provider, provider, {
    checkServerIdentity: (host, certificate) => checkServerIdentity(host, certificate) ?? wrongRole(certificate, role),
  });
}

/**
 * One authority signs the certificates of all services and clients. Without this check each of them could impersonate a
 * server.
 */
function wrongRole({ subject: { CN: name } }: PeerCertificate, role: string | undefined): Error | undefined {
  if (role === undefined || name === role) return undefined;
  return new Error(`the server's certificate has the common name ${name}, not ${role}`);
}

/** @throws StatusError PERMISSION_DENIED */
export function assertAllowed(
  call: Pick<ServerDuplexStream<unknown, unknown>, 'getAuthContext'>,
  service: string,
  method: string,
  policy: MethodPolicy,
): void {
  const identity = call.getAuthContext().sslPeerCertificate?.subject.CN;
  const allowed = policy[`${service}/${method}`] ?? policy[`${service}/*`] ?? [];
  if (typeof identity === 'string' && allowed.includes(identity)) return;
  const who = typeof identity === 'string' ? identity : 'a certificate without one common name';
  throw new StatusError(status.PERMISSION_DENIED, `${who} may not call ${service}/${method}`);
}
