import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { served, startGrpcServer } from '../../../src/adapters/grpc/grpc-server.ts';
import { systemClock } from '../../../src/adapters/in-process/system-clock.ts';
import { openHost } from '../../../src/cli/run/campaign-host.ts';
import { openClusterLink } from '../../../src/cli/run/open-cluster-link.ts';
import { AppError } from '../../../src/model/app-error.ts';
import {
  type Campaigns,
  CampaignsDefinition,
  GatewayDefinition,
} from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { eventually } from '../../support/eventually.ts';
import { openGatewayPlace } from '../../support/gateway.ts';

/** A run whose cluster was lost said so, and its process went on asking for progress for ever. */
it('asks for a campaign again and again that is not made yet, and no more once it is closed', async () => {
  const place = await openGatewayPlace();
  let asked = 0;
  const campaigns = {
    async *WatchCampaign() {
      asked++;
      yield await Promise.reject(new AppError('invalid_argument', 'there is no such campaign'));
    },
  } as unknown as Campaigns;
  const server = await startGrpcServer({
    address: '127.0.0.1:0',
    services: [served(GatewayDefinition, place.gateway), served(CampaignsDefinition, campaigns)],
  });
  const link = openClusterLink(`grpc://${server.address}`, new AbortController().signal);
  const host = await openHost(link);
  host.watchProgress('tiny', () => {});
  await eventually(() => asked === 2, 10_000);
  await host.close();
  const waits = vi.spyOn(systemClock, 'sleep');
  await sleep(4_500);
  expect([asked, waits.mock.calls]).toEqual([2, []]);
  await server.stop(100);
  await place.close();
});
