import { get } from 'node:https';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import {
  type StatusServer,
  type StatusServerOptions,
  startStatusServer,
} from '../../../src/adapters/http/status-server.ts';
import { certificateAuthority } from '../../support/certificates.ts';

const servers: StatusServer[] = [];

async function start(change: Partial<StatusServerOptions> = {}) {
  const server = await startStatusServer({
    address: { host: '127.0.0.1', port: 0 },
    isReady: () => true,
    isAlive: () => true,
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', body: 'up 1\n' }),
    ...change,
  });
  servers.push(server);
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init);
  return { server, get };
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

describe('status server', () => {
  it('says whether the service is ready, and what is in the way', async () => {
    let state: ReturnType<StatusServerOptions['isReady']> = false;
    const { get } = await start({ isReady: () => state });
    const asked = async () => {
      const response = await get('/health/ready?verbose');
      return [response.status, response.headers.get('content-type'), await response.json()];
    };
    expect(await asked()).toEqual([503, 'application/json', { ready: false, reasons: [] }]);
    state = { ready: false, reasons: ['no connection to the brokers'] };
    expect(await asked()).toEqual([503, 'application/json', state]);
    state = { ready: true, reasons: [] };
    expect(await asked()).toEqual([200, 'application/json', state]);
  });

  it('speaks TLS where it is given a certificate', async () => {
    const scratch = scratchDirectory();
    const { ca, certificate: cert, key } = certificateAuthority(scratch.path)('status');
    const { server } = await start({ tls: () => ({ cert, key }) });
    const status = await new Promise<number | undefined>((resolve, reject) => {
      get({ host: 'localhost', port: server.port, path: '/health/live', ca }, ({ statusCode }) =>
        resolve(statusCode),
      ).on('error', reject);
    });
    expect(status).toBe(200);
    await expect(fetch(`http://127.0.0.1:${server.port}/health/live`)).rejects.toThrow();
    await scratch.remove();
  });

  it('says whether the service is alive', async () => {
    let alive = true;
    const { get } = await start({ isAlive: () => alive, isReady: () => false });
    expect((await get('/health/live')).status).toBe(200);
    alive = false;
    expect((await get('/health/live')).status).toBe(503);
  });

  it('hands out the metrics as they come', async () => {
    const response = await (await start()).get('/metrics');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4']);
    expect(await response.text()).toBe('up 1\n');
  });

  it('answers though what it asks fails', async () => {
    const { get } = await start({ metrics: () => Promise.reject(new Error('no registry')) });
    const response = await get('/metrics');
    expect([response.status, await response.text()]).toEqual([500, 'no registry\n']);
    expect((await get('/health/ready')).status).toBe(200);
  });

  it('knows no other path and no other method', async () => {
    const { get } = await start();
    expect((await get('/')).status).toBe(404);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const response = await get('/metrics', { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
    }
  });

  it('refuses headers that are too large', async () => {
    const { get } = await start();
    expect((await get('/metrics', { headers: { 'x-large': 'x'.repeat(10_000) } })).status).toBe(431);
  });

  it('closes though a request is not over', async () => {
    const { server } = await start();
    const socket = connect(server.port, '127.0.0.1', () => socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\n'));
    const closed = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve));
    await new Promise((resolve) => socket.once('connect', resolve));
    await server.close();
    await closed;
    servers.splice(0);
  });

  it('says which address it cannot have', async () => {
    const { server } = await start();
    const again = startStatusServer({
      ...{ address: { host: '127.0.0.1', port: server.port }, isReady: () => true, isAlive: () => true },
      metrics: () => Promise.reject(new Error('never asked')),
    });
    await expect(again).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`${server.port}`),
    });
  });
});
