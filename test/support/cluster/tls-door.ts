import { request } from 'node:http';
import { createServer } from 'node:https';
import type { IssuedCertificate } from '../certificates.ts';

export interface TlsDoor {
  readonly url: string;
  stop(): Promise<void>;
}

/** A TLS proxy in front of a server without TLS: ClickHouse built from chdb's library. */
export async function startTlsDoor(upstreamUrl: string, { certificate, key }: IssuedCertificate): Promise<TlsDoor> {
  const server = createServer({ cert: certificate, key }, (asked, answer) => {
    const forwarded = request(`${upstreamUrl}${asked.url}`, {
      method: asked.method ?? 'GET',
      headers: defined(asked.headers),
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
