import { createServer as createPlainServer, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { afterEach, expect, it } from 'vitest';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import { connectClickHouse } from '../../../src/adapters/clickhouse/connect.ts';
import { certificateAuthority } from '../../support/certificates.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** What a server was told of who asks. */
function recorder() {
  const asked: string[] = [];
  const answer: RequestListener = ({ headers }, response) => {
    const basic = Buffer.from(String(headers.authorization).replace('Basic ', ''), 'base64').toString();
    asked.push(headers['x-clickhouse-user'] ? `${headers['x-clickhouse-user']}:${headers['x-clickhouse-key']}` : basic);
    response.end();
  };
  return { asked, answer };
}

it('asks for the password at each request', async () => {
  const { asked, answer } = recorder();
  const server = createPlainServer(answer).listen(0, '127.0.0.1');
  ends.push(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  let password = 'old';
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const client = connectClickHouse({ url, username: 'elastream', password: () => password });
  ends.push(() => client.close());
  await client.command({ query: 'SELECT 1' });
  password = 'new';
  await client.command({ query: 'SELECT 1' });
  await client.insert({ table: 't', values: [{ a: 1 }], format: 'JSONEachRow' });
  await (await client.query({ query: 'SELECT 1' })).text();
  await client.exec({ query: 'SELECT 1' });
  expect(asked).toEqual(['elastream:old', ...Array(4).fill('elastream:new')]);
});

it('asks for the authority at each connection', async () => {
  const scratch = scratchDirectory();
  ends.push(() => scratch.remove());
  const { ca, certificate: cert, key } = certificateAuthority(scratch.path)('clickhouse');
  const other = certificateAuthority(scratch.path, 'other')('elsewhere').ca;
  const { asked, answer } = recorder();
  const server = createServer({ cert, key }, answer).listen(0, '127.0.0.1');
  ends.push(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  let trusted = other;
  const url = `https://127.0.0.1:${(server.address() as { port: number }).port}`;
  const client = connectClickHouse({ url, username: 'elastream', password: () => 'p', ca: () => trusted });
  ends.push(() => client.close());
  await expect(client.command({ query: 'SELECT 1' })).rejects.toThrow(/certificate|issuer/);
  trusted = ca;
  await client.command({ query: 'SELECT 1' });
  expect(asked).toEqual(['elastream:p']);
});
