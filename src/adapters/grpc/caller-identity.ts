import type { PeerCertificate } from 'node:tls';
import type { Caller } from './client-name.ts';

/** Who called, as far as the connection proves it. */
export interface CallerIdentity {
  /** Address and port, or the path of a socket. */
  readonly peer: string;
  /** With mutual TLS: the common name of the certificate, which is a service's name or a role. */
  readonly role?: string;
  /** Of the certificate: its subject, its serial number at its authority, and its SHA-256 fingerprint. */
  readonly subject?: string;
  readonly serial?: string;
  readonly fingerprint?: string;
}

export function callerIdentity(call: Caller): CallerIdentity {
  const peer = call.getPeer();
  const certificate = call.getAuthContext().sslPeerCertificate;
  if (certificate?.fingerprint256 === undefined) return { peer };
  const { subject, serialNumber: serial, fingerprint256: fingerprint } = certificate;
  return { peer, role: String(subject.CN), subject: subjectText(subject), serial, fingerprint };
}

/** `CN=operator,O=group of Kim`: people who share a role are told apart by what else their certificates say. */
function subjectText(subject: PeerCertificate['subject']): string {
  return Object.entries(subject)
    .flatMap(([name, value]) => [value].flat().map((one) => `${name}=${String(one)}`))
    .join(',');
}
