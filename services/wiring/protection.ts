import type { ServiceConfig } from './service-config.ts';

/** Returns the connections from or to other machines that have no TLS. */
export function unprotected({ kafka, nats, clickhouse, grpc, http, otlp }: ServiceConfig): string[] {
  const open: string[] = [];
  const brokers = kafka.brokers.filter((broker) => !isLoopback(hostOf(broker)));
  if (brokers.length > 0 && kafka.tls === undefined) open.push(`kafka.brokers ${brokers.join(', ')}: no kafka.tls`);
  const servers = (nats?.servers ?? []).filter((server) => !isLoopback(hostOf(server)));
  if (servers.length > 0 && nats?.tls === undefined) open.push(`nats.servers ${servers.join(', ')}: no nats.tls`);
  if (clickhouse !== undefined && !/^https:/i.test(clickhouse.url) && !isLoopback(hostOf(clickhouse.url))) {
    open.push(`clickhouse.url ${clickhouse.url}: not https`);
  }
  if (grpc.tls === undefined && !isLoopback(hostOf(grpc.listen))) open.push(`grpc.listen ${grpc.listen}: no grpc.tls`);
  if (http.tls === undefined && !isLoopback(hostOf(http.listen))) open.push(`http.listen ${http.listen}: no http.tls`);
  if (otlp.endpoint !== undefined && !/^https:/i.test(otlp.endpoint) && !isLoopback(hostOf(otlp.endpoint))) {
    open.push(`otlp.endpoint ${otlp.endpoint}: not https`);
  }
  return open.map(withoutUser);
}

/** Removes user and password from an address: they must not appear in messages. */
export function withoutUser(text: string): string {
  return text.replace(/\/\/[^\s/?#@]*@/g, '//');
}

/** Returns the host of `scheme://user@host:port/path`, `host:port` or `[::1]:port`. */
export function hostOf(address: string): string {
  const authority = address.replace(/^[a-z]+:\/\//i, '').split(/[/?#]/)[0]!;
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d+$/, '');
  return host.replace(/^\[|\]$/g, '');
}

export function isLoopback(host: string): boolean {
  return host.toLowerCase() === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
