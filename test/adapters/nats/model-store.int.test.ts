import { afterAll, beforeAll } from 'vitest';
import { openModelStore } from '../../../src/adapters/nats/model-store.ts';
import { modelStoreContract } from '../../contract/model-store.contract.ts';
import { describeWithNats } from '../../support/nats/describe-with-nats.ts';
import { natsPlace } from '../../support/nats/nats-places.ts';
import { type NatsServer, startNatsServer } from '../../support/nats/nats-server.ts';

describeWithNats('model store on NATS', ({ url, binary }) => {
  let server: NatsServer | undefined;
  beforeAll(async () => {
    if (binary) server = await startNatsServer(binary);
  });
  afterAll(() => server?.stop());

  modelStoreContract(async () => {
    const place = await natsPlace(url ?? server!.url);
    return {
      open: async () => openModelStore(place),
      async damage(_, name) {
        const js = place.link.connection.jetstream();
        await js.publish(`$KV.${place.namespace}-models.${name}.0`, 'leaf_value=0.35');
      },
      remove: place.remove,
    };
  });
});
