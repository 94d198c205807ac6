import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { Telemetry } from '../../ports/telemetry.ts';

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
  /** Shows each request as a part of the caller's span; the server goes on with the trace in a log of its own. */
  readonly trace?: Pick<Telemetry, 'startSpan'>;
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
    const { ca, password, trace, ...server } = address;
    const agent = ca === undefined ? {} : { http_agent: trusting(ca) };
    const client = createClient({
      ...options,
      ...server,
      ...agent,
      max_open_connections: CONNECTIONS_MAX,
      ...(password !== undefined && { password: typeof password === 'function' ? password() : password }),
    });
    const traced = trace ? tracing(client, trace) : client;
    if (typeof password !== 'function') return traced;
    return renewing(traced, () => ({ username: address.username ?? 'default', password: password() }));
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
  return withMethods(client, (call) => (parameters) => call({ ...parameters, auth: auth() }));
}

/** A span ends when the server begins to answer. */
function tracing(client: ClickHouseClient, trace: Pick<Telemetry, 'startSpan'>): ClickHouseClient {
  return withMethods(client, (call, name) => async (parameters) => {
    const attributes = { 'db.system.name': 'clickhouse', 'db.operation.name': name };
    const span = trace.startSpan({ name: `clickhouse ${name}`, kind: 'client', attributes });
    try {
      const http_headers = { ...parameters.http_headers, traceparent: span.traceparent };
      const answer = await call({ ...parameters, http_headers });
      span.end();
      return answer;
    } catch (error) {
      span.end(error);
      throw error;
    }
  });
}

interface CallParameters {
  readonly http_headers?: Readonly<Record<string, string>>;
  readonly auth?: { readonly username: string; readonly password: string };
}

type Call = (parameters: CallParameters) => unknown;

/** The client with the methods that elastream uses changed. */
function withMethods(client: ClickHouseClient, change: (call: Call, name: string) => Call): ClickHouseClient {
  const changed = Object.create(client) as ClickHouseClient;
  for (const name of ['query', 'exec', 'command', 'insert'] as const) {
    Object.assign(changed, { [name]: change(client[name].bind(client) as Call, name) });
  }
  return changed;
}

function trusting(ca: () => string): TlsAgent {
  const agent = new TlsAgent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (connection, callback) => connect({ ...connection, ca: ca() }, callback);
  return agent;
}
