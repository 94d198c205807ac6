import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { openControlPlane } from '../../../src/adapters/nats/control-plane.ts';
import { controlPlaneContract } from '../../contract/control-plane.contract.ts';
import { describeWithNats } from '../../support/nats/describe-with-nats.ts';
import { natsPlace } from '../../support/nats/nats-places.ts';
import { type NatsServer, startNatsServer } from '../../support/nats/nats-server.ts';

describeWithNats('control plane on NATS', ({ url, binary }) => {
  let server: NatsServer | undefined;
  beforeAll(async () => {
    if (binary) server = await startNatsServer(binary);
  });
  afterAll(() => server?.stop());

  controlPlaneContract(async () => {
    const place = await natsPlace(url ?? server!.url);
    return { plane: openControlPlane(place), pass: (ms) => sleep(ms), remove: place.remove };
  });
});
