import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';

export interface ServerAddress {
  /** `http://host:8123`. */
  readonly url: string;
  readonly username?: string;
  /** A function is called for each request, because the password may be renewed. */
  readonly password?: string | (() => string);
  readonly database?: string;
  /**
   * PEM text of the authority that signed the server's certificate, read for each connection. Default: the authorities
   * that the system trusts.
   */
  readonly ca?: () => string;
}

/** Long enough for a query over all tables. The loss of a server shows in the connection, not in this limit. */
const REQUEST_MS_MAX = 15 * 60_000;
const CONNECTIONS_MAX = 4;

/** Address of the embedded engine. */
export interface SocketAddress {
  readonly socketPath: string;
  readonly username?: string;
}

/**
 * Creates a client of a ClickHouse server, or of the embedded engine on its Unix socket. It connects on the first use.
 */
export function connectClickHouse(address: ServerAddress | SocketAddress): ClickHouseClient {
  const options = { request_timeout: REQUEST_MS_MAX, log: { level: ClickHouseLogLevel.OFF } };
  if ('url' in address) {
    const { ca, password, ...server } = address;
    const agent = ca === undefined ? {} : { http_agent: trusting(ca) };
    const client = createClient({
      ...options,
      ...server,
      ...agent,
      max_open_connections: CONNECTIONS_MAX,
      ...(password !== undefined && { password: typeof password === 'function' ? password() : password }),
    });
    if (typeof password !== 'function') return client;
    return renewing(client, () => ({ username: address.username ?? 'default', password: password() }));
  }
  const http_agent = new Agent({
    keepAlive: true,
    maxSockets: CONNECTIONS_MAX,
    socketPath: address.socketPath,
  } as object);
  const { username } = address;
  return createClient({ ...options, http_agent, url: 'http://localhost', ...(username !== undefined && { username }) });
}

/** Makes the methods that elastream uses read the credentials for each request. */
function renewing(client: ClickHouseClient, auth: () => { username: string; password: string }): ClickHouseClient {
  const renewed = Object.create(client) as ClickHouseClient;
  for (const name of ['query', 'exec', 'command', 'insert'] as const) {
    const call = client[name].bind(client) as (parameters: object) => unknown;
    Object.assign(renewed, { [name]: (parameters: object) => call({ ...parameters, auth: auth() }) });
  }
  return renewed;
}

function trusting(ca: () => string): TlsAgent {
  const agent = new TlsAgent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (connection, callback) => connect({ ...connection, ca: ca() }, callback);
  return agent;
}
