import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTcpProxy, type TcpProxy } from '../support/cluster/tcp-proxy.ts';
import { eventually } from '../support/eventually.ts';

/** Answers everything with itself. */
let echo: Server;
let heard = '';
let proxy: TcpProxy;

beforeEach(async () => {
  heard = '';
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.on('end', () => socket.end('.'));
    socket.on('data', (bytes) => {
      heard += bytes;
      socket.write(bytes);
    });
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startTcpProxy({ target: `127.0.0.1:${(echo.address() as AddressInfo).port}` });
});

afterEach(async () => {
  await proxy.stop();
  await new Promise((resolve) => echo.close(resolve));
});

interface Caller {
  readonly socket: Socket;
  answers: string;
  failure?: string | undefined;
}

async function call(): Promise<Caller> {
  const caller = dial();
  await once(caller.socket, 'connect');
  return caller;
}

/** Without waiting for the connection: one that is broken at once may fail before anyone hears that it was made. */
function dial(): Caller {
  const socket = connect(Number(proxy.address.split(':')[1]), '127.0.0.1');
  const caller: Caller = { socket, answers: '' };
  socket.on('data', (bytes) => {
    caller.answers += bytes;
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    caller.failure = error.code;
  });
  return caller;
}

describe('TCP proxy', () => {
  it('passes everything in order, and the end of it', async () => {
    const caller = await call();
    const text = 'x'.repeat(300_000);
    caller.socket.end(text);
    await eventually(() => caller.answers === `${text}.`);
    await eventually(() => caller.socket.closed);
    expect(caller.failure).toBeUndefined();
  });

  it('delays, and keeps the order when it no longer does', async () => {
    const caller = await call();
    proxy.delay(100);
    const begun = performance.now();
    caller.socket.write('a');
    await eventually(() => caller.answers === 'a');
    expect(performance.now() - begun).toBeGreaterThan(190);
    caller.socket.write('b');
    await eventually(() => heard === 'ab');
    proxy.pass();
    caller.socket.write('c');
    await eventually(() => caller.answers === 'abc');
  });

  it('breaks all connections at once, and takes new ones', async () => {
    const caller = await call();
    caller.socket.write('a');
    await eventually(() => caller.answers === 'a');
    proxy.reset();
    await eventually(() => caller.failure === 'ECONNRESET');
    const other = await call();
    other.socket.write('b');
    await eventually(() => other.answers === 'b');
  });

  it('breaks all connections and takes none while it is cut', async () => {
    const caller = await call();
    proxy.cut();
    await eventually(() => caller.failure === 'ECONNRESET');
    const refused = dial();
    await eventually(() => refused.failure === 'ECONNRESET');
    proxy.pass();
    const other = await call();
    other.socket.write('b');
    await eventually(() => other.answers === 'b');
  });

  it('swallows one direction or both without a word, and breaks what lost bytes when it passes again', async () => {
    const [caller, idle] = [await call(), await call()];
    proxy.swallow('to_client');
    caller.socket.write('a');
    await eventually(() => heard === 'a');
    proxy.pass();
    await eventually(() => caller.failure === 'ECONNRESET');
    expect(caller.answers).toBe('');
    proxy.swallow('to_server', 'to_client');
    const late = await call();
    late.socket.write('b');
    proxy.delay(1);
    await eventually(() => late.failure === 'ECONNRESET' || heard.includes('b'));
    idle.socket.write('c');
    await eventually(() => idle.answers === 'c');
  });
});
