import { createSecureContext } from 'node:tls';
import type { experimental } from '@grpc/grpc-js';
import { AppError } from '../../model/app-error.ts';

/** Texts in PEM. Each side shows its certificate and trusts those that `ca` has signed. */
export interface GrpcSecurity {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** Certificates that are replaced while they are in use: connections made from then on show the new ones. */
export interface RenewedSecurity {
  read(): GrpcSecurity;
  /** Between two looks; 10 s unless told. */
  readonly everyMs?: number;
  /** Told why the present ones stay: what is there cannot be read, or not be used together (a file is written still). */
  readonly onFailure?: (error: unknown) => void;
}

type Provider = experimental.CertificateProvider;

const EVERY_MS = 10_000;

/**
 * What gRPC asks for certificates, and is told of new ones. It looks for them while somebody listens.
 * @throws AppError `invalid_argument` where they are not usable now
 */
export function certificateProvider(security: GrpcSecurity | RenewedSecurity): Provider {
  const { read, everyMs = EVERY_MS, onFailure } = isRenewed(security) ? security : { read: () => security };
  const tell = new Map<unknown, () => void>();
  let current = usable(read());
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    try {
      const next = read();
      if (next.ca === current.ca && next.certificate === current.certificate && next.key === current.key) return;
      current = usable(next);
      for (const one of tell.values()) one();
    } catch (error) {
      onFailure?.(error);
    }
  }

  function add(listener: unknown, one: () => void): void {
    tell.set(listener, one);
    if (isRenewed(security)) timer ??= setInterval(look, everyMs).unref();
    // A server that asks hears nothing before it has finished asking.
    queueMicrotask(one);
  }

  function remove(listener: unknown): void {
    tell.delete(listener);
    if (tell.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    addCaCertificateListener: (listener) => add(listener, () => listener({ caCertificate: Buffer.from(current.ca) })),
    addIdentityCertificateListener: (listener) =>
      add(listener, () =>
        listener({ certificate: Buffer.from(current.certificate), privateKey: Buffer.from(current.key) }),
      ),
    removeCaCertificateListener: remove,
    removeIdentityCertificateListener: remove,
  };
}

function isRenewed(security: GrpcSecurity | RenewedSecurity): security is RenewedSecurity {
  return 'read' in security;
}

/** gRPC would only log what is wrong with them. */
function usable(security: GrpcSecurity): GrpcSecurity {
  const { ca, certificate, key } = security;
  try {
    createSecureContext({ ca, cert: certificate, key });
    return security;
  } catch (cause) {
    const message = `authority, certificate and key for gRPC are not usable together (${(cause as Error).message})`;
    const remedy = 'give three texts in PEM, the key being that of the certificate';
    throw new AppError('invalid_argument', `${message}: ${remedy}`, { cause });
  }
}
