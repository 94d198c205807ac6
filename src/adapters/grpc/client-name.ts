import { isIPv6 } from 'node:net';
import type { ServerDuplexStream } from '@grpc/grpc-js';

export type Caller = Pick<ServerDuplexStream<unknown, unknown>, 'getAuthContext' | 'getPeer'>;

const FINGERPRINT_CHARACTERS = 23;
const GROUPS = 8;
const GROUPS_OF_A_NETWORK = 4;

/**
 * Whom limits count: with mutual TLS the holder of a certificate, from wherever it calls; else whoever has the address.
 * Many people may share a role, each with a certificate of its own.
 */
export function clientName(call: Caller): string {
  const certificate = call.getAuthContext().sslPeerCertificate;
  const { CN: role } = certificate?.subject ?? {};
  if (certificate?.fingerprint256 !== undefined) {
    return `${String(role)} (certificate ${certificate.fingerprint256.slice(0, FINGERPRINT_CHARACTERS)})`;
  }
  return networkOf(call.getPeer().replace(/:\d+$/, ''));
}

/** A host with IPv6 has 2^64 addresses of its own, all of one /64; IPv4 written as IPv6 is IPv4. */
export function networkOf(address: string): string {
  const host = address.replace(/^\[|\]$|%.*$/g, '');
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host) ?? [];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(host)) return address;
  const [head, tail] = host.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const left = tail === undefined ? 0 : GROUPS - head!.length - tail.length - (host.includes('.') ? 1 : 0);
  const groups = [...head!, ...Array<string>(left).fill('0'), ...(tail ?? [])].slice(0, GROUPS_OF_A_NETWORK);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
