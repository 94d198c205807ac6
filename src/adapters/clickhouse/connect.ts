import { Agent } from 'node:http';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';

export interface ServerAddress {
  /** `http://host:8123`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly database?: string;
  /** PEM text of who signed the server's certificate; those of the system unless given. */
  readonly ca?: string;
}

/** Long enough for a query over everything; a lost server is noticed by its connection, not by this. */
const REQUEST_MS_MAX = 15 * 60_000;
const CONNECTIONS_MAX = 4;

/** The embedded engine. */
export interface SocketAddress {
  readonly socketPath: string;
  readonly username?: string;
}

/** A client of a ClickHouse server, or of the embedded engine at its Unix socket. Connects when first used. */
export function connectClickHouse(address: ServerAddress | SocketAddress): ClickHouseClient {
  const options = { request_timeout: REQUEST_MS_MAX, log: { level: ClickHouseLogLevel.OFF } };
  if ('url' in address) {
    const { ca, ...server } = address;
    const tls = ca === undefined ? {} : { tls: { ca_cert: Buffer.from(ca) } };
    return createClient({ ...options, ...server, ...tls, max_open_connections: CONNECTIONS_MAX });
  }
  const http_agent = new Agent({
    keepAlive: true,
    maxSockets: CONNECTIONS_MAX,
    socketPath: address.socketPath,
  } as object);
  const { username } = address;
  return createClient({ ...options, http_agent, url: 'http://localhost', ...(username !== undefined && { username }) });
}
