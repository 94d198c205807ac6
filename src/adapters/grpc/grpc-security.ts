import { createSecureContext } from 'node:tls';
import { ChannelCredentials, ServerCredentials, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { AppError } from '../../model/app-error.ts';
import { StatusError } from './grpc-failure.ts';

/** Texts in PEM. Each side shows its certificate and trusts those that `ca` has signed. */
export interface GrpcSecurity {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/**
 * Who may call what: by method (`elastream.v1.TrainingShard/Rank`), or where that is not named by service
 * (`elastream.v1.Gateway/*`), the identities, each the common name (CN) in the subject of a peer's certificate.
 */
export type MethodPolicy = Readonly<Record<string, readonly string[]>>;

export function serverCredentials(security: GrpcSecurity | undefined): ServerCredentials {
  if (!security) return ServerCredentials.createInsecure();
  assertUsable(security);
  const { ca, certificate, key } = security;
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(certificate) };
  return ServerCredentials.createSsl(Buffer.from(ca), [pair], true);
}

export function clientCredentials(security: GrpcSecurity | undefined): ChannelCredentials {
  if (!security) return ChannelCredentials.createInsecure();
  assertUsable(security);
  const { ca, certificate, key } = security;
  return ChannelCredentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(certificate));
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

/** gRPC would only log what is wrong with them. */
function assertUsable({ ca, certificate, key }: GrpcSecurity): void {
  try {
    createSecureContext({ ca, cert: certificate, key });
  } catch (cause) {
    const message = `authority, certificate and key for gRPC are not usable together (${(cause as Error).message})`;
    throw new AppError(
      'invalid_argument',
      `${message}: give three texts in PEM, the key being that of the certificate`,
      {
        cause,
      },
    );
  }
}
