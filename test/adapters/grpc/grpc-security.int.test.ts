import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import type { MethodPolicy } from '../../../src/adapters/grpc/grpc-security.ts';
import { served } from '../../../src/adapters/grpc/grpc-server.ts';
import type { GrpcSecurity } from '../../../src/adapters/grpc/renewed-certificates.ts';
import {
  type Campaigns,
  CampaignsDefinition,
  type Gateway,
  GatewayDefinition,
} from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { type Health, HealthDefinition } from '../../../src/protocol/generated/grpc/health/v1/health.generated.ts';
import { certificateAuthority } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { grpcPlace } from '../../support/grpc-place.ts';

const POLICY: MethodPolicy = {
  'elastream.v1.Gateway/*': ['people', 'dashboard'],
  'elastream.v1.Gateway/ListTopics': ['dashboard'],
};
const services = [
  served(GatewayDefinition, {
    ListSources: async () => ({ sources: ['s'] }),
    ListTopics: async () => ({ topics: [] }),
    async *Submit(requests) {
      for await (const { clientId } of requests) yield { clientId, refusal: undefined };
    },
  } as Partial<Gateway> as Gateway),
  served(CampaignsDefinition, { PauseCampaign: async () => ({}) } as unknown as Campaigns),
];

describe('mutual TLS', () => {
  const place = grpcPlace();
  const scratch = scratchDirectory();
  let server: GrpcSecurity;
  let people: GrpcSecurity;
  let dashboard: GrpcSecurity;
  let stranger: GrpcSecurity;
  beforeAll(() => {
    const issue = certificateAuthority(scratch.path, 'ours');
    [server, people, dashboard] = [issue('server'), issue('people'), issue('dashboard')];
    stranger = certificateAuthority(scratch.path, 'theirs')('stranger');
  });
  afterAll(() => scratch.remove());

  const connect = (address: string, security?: GrpcSecurity) => {
    const link = place.connect(address, security ? { security } : {});
    return {
      gateway: link.client<Gateway>(GatewayDefinition),
      campaigns: link.client<Campaigns>(CampaignsDefinition),
      health: link.client<Health>(HealthDefinition),
    };
  };

  it('serves who has a certificate that the same authority signed', async () => {
    const { address } = await place.serve(services, { security: server });
    expect(await connect(`grpcs://${address}`, people).gateway.ListSources({})).toEqual({ sources: ['s'] });
    expect(await connect(address, dashboard).campaigns.PauseCampaign({ campaign: 'c' })).toEqual({});
  });

  it('lets each identity call what the policy names, and everybody ask for health', async () => {
    const { address } = await place.serve(services, { security: server, authorize: POLICY });
    const asPeople = connect(address, people);
    const asDashboard = connect(address, dashboard);
    const refused = (who: string, method: string) => ({
      code: 'invalid_argument',
      retryable: false,
      message: expect.stringMatching(
        new RegExp(`${method} at 127.*PERMISSION_DENIED: ${who} may not call .*${method}`),
      ),
    });
    await asPeople.gateway.ListSources({});
    await asDashboard.gateway.ListTopics({});
    await expect(asPeople.gateway.ListTopics({})).rejects.toMatchObject(refused('people', 'Gateway/ListTopics'));
    await expect(asPeople.campaigns.PauseCampaign({ campaign: 'c' })).rejects.toMatchObject(
      refused('people', 'Campaigns/PauseCampaign'),
    );
    for (const { health } of [asPeople, asDashboard, connect(address, server)]) await health.Check({ service: '' });
    const replies = connect(address, server).gateway.Submit(endless());
    await expect(replies[Symbol.asyncIterator]().next()).rejects.toMatchObject(refused('server', 'Gateway/Submit'));
  });

  it('is refused at the handshake, and says why, where trust is missing', async () => {
    const { address } = await place.serve(services, { security: server });
    const ask = (security: GrpcSecurity) => connect(address, security).gateway.ListSources({});
    const distrusts = { code: 'unavailable', retryable: false, message: expect.stringMatching(/at 127.*certificate/) };
    await expect(ask({ ...people, ca: stranger.ca })).rejects.toMatchObject(distrusts);
    const closed = { code: 'unavailable', message: expect.stringMatching(/at 127.*TLS.*certificate not trusted/) };
    await expect(ask({ ...stranger, ca: server.ca })).rejects.toMatchObject(closed);
    await expect(connect(address).gateway.ListSources({})).rejects.toMatchObject(closed);
    const { address: plain } = await place.serve(services);
    const message = expect.stringMatching(/at 127.*wrong version number.*TLS/);
    await expect(connect(plain, people).gateway.ListSources({})).rejects.toMatchObject({ ...distrusts, message });
  });

  it('is refused to a server whose certificate is of another role, though the same authority signed it', async () => {
    const { address } = await place.serve(services, { security: people });
    const asked = (role: string) =>
      place.connect(address, { security: dashboard, role }).client<Gateway>(GatewayDefinition).ListSources({});
    expect(await asked('people')).toEqual({ sources: ['s'] });
    await expect(asked('gateway')).rejects.toMatchObject({
      code: 'unavailable',
      retryable: false,
      message: expect.stringMatching(/certificate has the common name people, not gateway/),
    });
  });

  it('goes on with new certificates of a new authority, without a restart of either side', async () => {
    const issue = certificateAuthority(scratch.path, 'next');
    const [nextServer, nextPeople] = [issue('server'), issue('people')];
    let [atServer, atClient] = [server, people];
    const failures: unknown[] = [];
    const onFailure = (error: unknown) => void failures.push(error);
    const { address } = await place.serve(services, { security: { read: () => atServer, everyMs: 20, onFailure } });
    const link = place.connect(address, { security: { read: () => atClient, everyMs: 20 }, role: 'server' });
    const { ListSources } = link.client<Gateway>(GatewayDefinition);
    await ListSources({});
    // Half written: the key of another certificate.
    atServer = { ...nextServer, key: server.key };
    await eventually(() => failures.length > 0);
    expect(await connect(address, dashboard).gateway.ListSources({})).toEqual({ sources: ['s'] });
    [atServer, atClient] = [nextServer, nextPeople];
    const fresh = () => place.connect(address, { security: nextPeople }).client<Gateway>(GatewayDefinition);
    await eventually(() =>
      fresh()
        .ListSources({})
        .then(
          ({ sources }) => sources.length === 1,
          () => false,
        ),
    );
    // Whoever kept to the old ones is not trusted any more, and who looked again is.
    await expect(connect(address, dashboard).gateway.ListSources({})).rejects.toMatchObject({ code: 'unavailable' });
    expect(await ListSources({})).toEqual({ sources: ['s'] });
    const again = place.connect(address, { security: { read: () => atClient }, role: 'server' });
    expect(await again.client<Gateway>(GatewayDefinition).ListSources({})).toEqual({ sources: ['s'] });
  });

  it('is not checked where there is none, whatever the policy', async () => {
    const { address } = await place.serve(services, { authorize: POLICY });
    expect(await connect(address).campaigns.PauseCampaign({ campaign: 'c' })).toEqual({});
  });

  it('needs a usable certificate', async () => {
    await expect(place.serve(services, { security: { ...server, key: people.key } })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(/certificate/),
    });
    expect(() => connect('host:1', { ...people, certificate: 'none' })).toThrow(/certificate/);
  });
});

async function* endless() {
  for (let i = 0; ; i++) {
    yield {
      clientId: `${i}`,
      source: '',
      material: undefined,
      labels: [],
      rejection: undefined,
      sourceCompleted: false,
    };
  }
}
