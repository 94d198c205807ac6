import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactoryArgs } from 'kafkajs';

const KEEP_ALIVE_MS = 60_000;

/**
 * Opens a socket as kafkajs does, with two differences: small requests are sent at once (Nagle's algorithm is off), and
 * any number of listeners is allowed.
 */
export function openSocket({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
  const name = isIP(host) ? {} : { servername: host };
  const socket = ssl ? connectTls({ host, port, ...name, ...ssl }, onConnect) : connect({ host, port }, onConnect);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  // While a broker is down, kafkajs calls `end` many times on a socket that is still connecting; Node would warn of a
  // listener leak.
  socket.setMaxListeners(0);
  return socket;
}
