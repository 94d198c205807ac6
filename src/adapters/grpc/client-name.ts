import { isIPv6 } from 'node:net';
import type { ServerDuplexStream } from '@grpc/grpc-js';

export type Caller = Pick<ServerDuplexStream<unknown, unknown>, 'getAuthContext' | 'getPeer'>;

const FINGERPRINT_CHARACTERS = 23;
const GROUPS = 8;
const GROUPS_OF_A_NETWORK = 4;

/**
 * Returns the name under which limits count a client. With mutual TLS it is the holder of a certificate, wherever it
 * calls from; several people may share a role, each with a certificate of their own. Without TLS it is the network
 * address.
 */
export function clientName(call: Caller): string {
  const certificate = call.getAuthContext().sslPeerCertificate;
  const { CN: role } = certificate?.subject ?? {};
  if (certificate?.fingerprint256 !== undefined) {
    return `${String(role)} (certificate ${certificate.fingerprint256.slice(0, FINGERPRINT_CHARACTERS)})`;
  }
  return networkOf(call.getPeer().replace(/:\d+$/, ''));
}

/**
 * Returns the network of an address. An IPv6 host has 2^64 addresses, all in one /64 network. An IPv4 address in IPv6
 * notation is returned as IPv4.
 */
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
