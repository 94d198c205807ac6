import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * Invariants:
 * 1. Bytes that pass keep their order, however the behaviour changes meanwhile.
 * 2. A connection that lost bytes never carries later ones: it is broken as soon as bytes would pass again.
 */

export type Direction = 'to_server' | 'to_client';

/** A proxy in front of a server, on which link faults can be played. */
export interface TcpProxy {
  /** `host:port`, to be used instead of the server's address. */
  readonly address: string;
  /** Works as a normal link; this is the initial behaviour. */
  pass(): void;
  /** Delays each piece of data by `ms`. */
  delay(ms: number): void;
  /** Breaks all connections and accepts none. */
  cut(): void;
  /** Breaks all connections; new ones work normally. */
  reset(): void;
  /** Half-open: connections stay and new ones are accepted, but no data pass, and no side is notified. */
  swallow(...directions: readonly Direction[]): void;
  stop(): Promise<void>;
}

export interface TcpProxyPlan {
  /** `host:port` of the server. */
  readonly target: string;
  /** The address to listen at; a free port of 127.0.0.1 by default. */
  readonly listen?: string;
}

interface Connection {
  readonly sockets: readonly [client: Socket, server: Socket];
  lostBytes: boolean;
}

export async function startTcpProxy({ target, listen = '127.0.0.1:0' }: TcpProxyPlan): Promise<TcpProxy> {
  const connections = new Set<Connection>();
  let delayMs = 0;
  let swallowed: ReadonlySet<Direction> = new Set();
  let isCut = false;

  const breakOff = (connection: Connection) => {
    connections.delete(connection);
    for (const socket of connection.sockets) socket.resetAndDestroy();
  };

  async function carry(connection: Connection, direction: Direction): Promise<void> {
    const [client, server] = connection.sockets;
    const [from, to] = direction === 'to_server' ? [client, server] : [server, client];
    try {
      // One direction may end before the other, so the socket must outlive the loop.
      for await (const bytes of from.iterator({ destroyOnReturn: false })) {
        if (delayMs > 0) await sleep(delayMs);
        if (swallowed.has(direction)) connection.lostBytes = true;
        else if (!to.write(bytes)) await once(to, 'drain');
      }
      // A link that carries nothing does not report the end of a connection either.
      if (swallowed.has(direction)) connection.lostBytes = true;
      else to.end();
    } catch {
      breakOff(connection);
    }
  }

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (isCut) return void client.resetAndDestroy();
    const [host, port] = split(target);
    const connection: Connection = {
      sockets: [client, connect({ host, port, allowHalfOpen: true })],
      lostBytes: false,
    };
    connections.add(connection);
    for (const socket of connection.sockets) socket.on('error', () => breakOff(connection));
    const carried = [carry(connection, 'to_server'), carry(connection, 'to_client')];
    void Promise.all(carried).then(() => connection.lostBytes || connections.delete(connection));
  });
  const [host, port] = split(listen);
  server.listen(port, host);
  await once(server, 'listening');

  const pass = () => {
    isCut = false;
    delayMs = 0;
    swallowed = new Set();
    for (const connection of connections) if (connection.lostBytes) breakOff(connection); // 2
  };
  return {
    address: `${host}:${(server.address() as AddressInfo).port}`,
    pass,
    delay(ms) {
      pass();
      delayMs = ms;
    },
    reset() {
      pass();
      for (const connection of connections) breakOff(connection);
    },
    cut() {
      pass();
      isCut = true;
      for (const connection of connections) breakOff(connection);
    },
    swallow(...directions) {
      pass();
      swallowed = new Set(directions);
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const connection of connections) breakOff(connection);
      await closed;
    },
  };
}

function split(address: string): [host: string, port: number] {
  const at = address.lastIndexOf(':');
  return [address.slice(0, at), Number(address.slice(at + 1))];
}
