import { createSecureContext } from 'node:tls';
import type { experimental } from '@grpc/grpc-js';
import { AppError } from '../../model/app-error.ts';

/** PEM texts. Each side sends its certificate and trusts the certificates that `ca` has signed. */
export interface GrpcSecurity {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** Certificates that are replaced while they are in use. New connections use the new ones. */
export interface RenewedSecurity {
  read(): GrpcSecurity;
  /** Interval between two checks for new certificates; default 10 s. */
  readonly everyMs?: number;
  /**
   * Called when the new certificates cannot be read or do not match each other, for example while a file is being
   * written. The present certificates stay in use.
   */
  readonly onFailure?: (error: unknown) => void;
}

type Provider = experimental.CertificateProvider;

const EVERY_MS = 10_000;

/**
 * Creates the certificate provider for gRPC. It checks for new certificates while it has listeners and notifies them.
 * @throws AppError `invalid_argument` if the certificates are not usable now
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
    // A server that adds a listener can only be notified after this call has returned.
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

/** Checks the certificates, because gRPC would only log what is wrong with them. */
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
