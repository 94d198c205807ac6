import { request } from 'node:http';
import { createServer } from 'node:https';
import type { IssuedCertificate } from '../certificates.ts';

export interface TlsDoor {
  readonly url: string;
  stop(): Promise<void>;
}

/** ClickHouse's own words, and its code 516. */
const REFUSAL =
  'Code: 516. DB::Exception: elastream: Authentication failed: password is incorrect, or there is no user with such ' +
  'name. (AUTHENTICATION_FAILED)\n';

/** TLS and a password in front of what has neither: the HTTP interface over chdb. */
export async function startTlsDoor(
  upstreamUrl: string,
  { certificate, key }: IssuedCertificate,
  user: { readonly username: string; readonly password: string },
): Promise<TlsDoor> {
  const server = createServer({ cert: certificate, key }, (asked, answer) => {
    // What its client sends over TLS.
    const { 'x-clickhouse-user': username, 'x-clickhouse-key': password, ...headers } = asked.headers;
    if (username !== user.username || password !== user.password) {
      answer.writeHead(403, { 'X-ClickHouse-Exception-Code': '516' }).end(REFUSAL);
      return;
    }
    const forwarded = request(`${upstreamUrl}${asked.url}`, {
      method: asked.method ?? 'GET',
      headers: defined(headers),
    });
    forwarded.on('response', (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    forwarded.on('error', () => answer.destroy());
    asked.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `https://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function defined(headers: NodeJS.Dict<string | string[]>) {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string | string[]] => entry[1] !== undefined),
  );
}
