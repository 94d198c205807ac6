import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { AppError } from '../../model/app-error.ts';

export interface StatusServerOptions {
  /** Port 0 picks a free port. */
  readonly address: { readonly host: string; readonly port: number };
  /** PEM texts, read repeatedly because they may be renewed. Without it the server speaks plain HTTP. */
  readonly tls?: () => { readonly cert: string; readonly key: string };
  /** Whether work may be sent here, and what prevents it. */
  isReady(): boolean | { readonly ready: boolean; readonly reasons: readonly string[] };
  /** False if only a restart can help. */
  isAlive(): boolean;
  metrics(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export interface StatusServer {
  readonly port: number;
  /** Also ends running requests: the clients repeat them. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Enough for a scraper and a few probes; more connections are an attack or a mistake. */
const CONNECTIONS_MAX = 64;
const LIMITS = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 5000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 15_000,
} as const;

/**
 * Starts the HTTP server for orchestrators and Prometheus: `/health/live`, `/health/ready` and `/metrics`.
 * @throws AppError `unavailable` if the address cannot be listened on
 */
export async function startStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const { host, port } = options.address;
  const answer: RequestListener = async ({ method, url = '/' }, response) => {
    if (method !== 'GET') return send(response.setHeader('allow', 'GET'), text(405, 'only GET is allowed'));
    send(response, await answerTo(url.split('?')[0]!, options));
  };
  const server = options.tls ? createRenewedServer(options.tls, answer) : createServer(LIMITS, answer);
  server.maxConnections = CONNECTIONS_MAX;
  await listening(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const RENEWED_EVERY_MS = 10_000;

function createRenewedServer(read: NonNullable<StatusServerOptions['tls']>, answer: RequestListener): Server {
  const server = createTlsServer({ ...LIMITS, ...read() }, answer);
  const renew = () => {
    try {
      server.setSecureContext(read());
    } catch {
      // A file may be half-written now: the present certificate stays in use.
    }
  };
  const timer = setInterval(renew, RENEWED_EVERY_MS).unref();
  server.on('close', () => clearInterval(timer));
  return server;
}

async function answerTo(path: string, { isReady, isAlive, metrics }: StatusServerOptions): Promise<Answer> {
  try {
    switch (path) {
      case '/health/live': {
        const alive = isAlive();
        return health(alive, { alive });
      }
      case '/health/ready': {
        const state = isReady();
        const { ready, reasons } = typeof state === 'boolean' ? { ready: state, reasons: [] } : state;
        return health(ready, { ready, reasons });
      }
      case '/metrics':
        return { status: 200, ...(await metrics()) };
      default:
        return text(404, 'not found; there are /health/live, /health/ready and /metrics');
    }
  } catch (error) {
    return text(500, error instanceof Error ? error.message : String(error));
  }
}

function health(isWell: boolean, state: object): Answer {
  return { status: isWell ? 200 : 503, contentType: 'application/json', body: `${JSON.stringify(state)}\n` };
}

function text(status: number, words: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${words}\n` };
}

function send(response: ServerResponse, { status, contentType, body }: Answer): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }).end(body);
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = `cannot listen on ${host}:${port}: ${cause.code}`;
      reject(new AppError('unavailable', `${why}; give another address for health and metrics`, { cause }));
    });
    server.listen(port, host, resolve);
  });
}
