import { randomUUID } from 'node:crypto';
import { connectNats, type NatsLink } from '../../../src/adapters/nats/connect.ts';

/** A connection with its own namespace, so that tests can share a server. */
export async function natsPlace(url: string): Promise<{ link: NatsLink; namespace: string; remove(): Promise<void> }> {
  const namespace = `test-${randomUUID()}`;
  const link = await connectNats({ servers: [url], name: 'test' });
  return {
    link,
    namespace,
    async remove() {
      const manager = await link.connection.jetstreamManager();
      for (const bucket of ['control', 'models']) {
        await manager.streams.delete(`KV_${namespace}-${bucket}`).catch(() => false);
      }
      await link.close();
    },
  };
}
