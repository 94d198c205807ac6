import { EventEmitter, once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import type { ChdbSession, Engine } from '../../../src/adapters/chdb/engine.ts';
import { createHttpInterface } from '../../../src/adapters/chdb/http-interface.ts';

/** An engine that begins each query late: it hears the second KILL QUERY, and not the first one. */
function slowEngine(news: EventEmitter): Engine {
  let kills = 0;
  const session = {
    query: () => '',
    queryAsync: async (sql: string) => {
      if (!sql.startsWith('KILL')) {
        news.emit('begun');
        await once(news, 'killed');
      } else if (++kills === 2) news.emit('killed');
      return { bytes: () => new Uint8Array() };
    },
    close: () => {},
  } as unknown as ChdbSession;
  return { root: session, connect: () => session };
}

it('ends a query that nobody waits for, also where the engine has not begun it', async () => {
  const news = new EventEmitter();
  const server = createHttpInterface(slowEngine(news)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [begun, killed] = [once(news, 'begun'), once(news, 'killed')];
  const { port } = server.address() as AddressInfo;
  const call = request({ host: '127.0.0.1', port, path: '/?query=SELECT%201&default_format=JSON' }).on(
    'error',
    () => {},
  );
  call.end();
  await begun;
  call.destroy();
  await killed;
  server.close();
  await expect(once(server, 'close')).resolves.toEqual([]);
});
