import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { auditEntry } from '../../../services/wiring/audited-calls.ts';
import { METHOD_POLICY } from '../../../services/wiring/method-policy.ts';
import { type EndedCall, served } from '../../../src/adapters/grpc/grpc-server.ts';
import type { AuditEntry } from '../../../src/ports/audit-log.ts';
import {
  type Campaigns,
  CampaignsDefinition,
  type Gateway,
  GatewayDefinition,
  type SubmitRequest,
} from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { certificateAuthority } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { grpcPlace } from '../../support/grpc-place.ts';

const directory = mkdtempSync(join(tmpdir(), 'elastream-audit-'));
const place = grpcPlace();
afterAll(() => rmSync(directory, { recursive: true }));

const gateway = {
  async *Submit(requests: AsyncIterable<SubmitRequest>) {
    for await (const { clientId } of requests) yield { clientId };
  },
  Tell: async () => ({ outcomes: [] }),
  ListTopics: async () => ({ topics: [] }),
  async *Query() {
    yield { piece: new Uint8Array() };
  },
} as unknown as Gateway;
const campaigns = {
  CreateCampaign: async () => ({ campaign: 'sodium', configHash: '', labelsLeftOut: {}, candidateCriteria: [] }),
  CancelCampaign: async () => ({}),
} as unknown as Campaigns;

async function open() {
  const issue = certificateAuthority(directory);
  const calls: EndedCall[] = [];
  const entries: AuditEntry[] = [];
  const server = await place.serve(
    [served<Gateway>(GatewayDefinition, gateway), served<Campaigns>(CampaignsDefinition, campaigns)],
    {
      security: issue('gateway'),
      authorize: METHOD_POLICY,
      onCall(call) {
        calls.push(call);
        const entry = auditEntry(call);
        if (entry) entries.push(entry);
      },
    },
  );
  const as = (role: string) => {
    const link = place.connect(server.address, { security: issue(role) });
    return { ...link.client<Gateway>(GatewayDefinition), ...link.client<Campaigns>(CampaignsDefinition) };
  };
  return { as, calls, entries };
}

describe('the calls that are audited', () => {
  it('are those that change something or ask the tables: by whom, on what, with what outcome', async () => {
    const { as, entries, calls } = await open();
    const [operator, submitter, viewer] = [as('operator'), as('submitter'), as('viewer')];
    await operator.CreateCampaign({ campaignJson: '{"name":"sodium"}', sources: [] });
    await operator.CancelCampaign({ campaign: 'sodium' });
    await submitter.Tell({ campaign: 'sodium', results: [], rejections: [] });
    await viewer.ListTopics({});
    for await (const _ of viewer.Query({ sql: 'SELECT 1', format: 'CSV' }));
    async function* items() {
      for (const clientId of ['a', 'b'])
        yield { clientId, source: 'lab', labels: [], sourceCompleted: false } as unknown as SubmitRequest;
    }
    for await (const _ of submitter.Submit(items()));
    await eventually(() => calls.length === 6);
    const told = entries.map(({ method, outcome, caller, what }) => [method.split('/')[1], outcome, caller.role, what]);
    expect(told).toEqual([
      ['CreateCampaign', 'OK', 'operator', { campaign: 'sodium' }],
      ['CancelCampaign', 'OK', 'operator', { campaign: 'sodium' }],
      ['Tell', 'OK', 'submitter', { campaign: 'sodium', results: 0 }],
      ['Query', 'OK', 'viewer', { sql: 'SELECT 1' }],
      ['Submit', 'OK', 'submitter', { first_source: 'lab', items: 2, answered: 2 }],
    ]);
    expect(entries[0]!.caller).toMatchObject({
      subject: 'CN=operator',
      serial: expect.stringMatching(/^[0-9A-F]+$/),
      fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
      peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
  });

  it('are those, too, that somebody was not allowed to make', async () => {
    const { as, entries } = await open();
    const viewer = as('viewer');
    await expect(viewer.CancelCampaign({ campaign: 'sodium' })).rejects.toThrow(/viewer may not call/);
    await expect(as('submitter').ListTopics({})).rejects.toThrow(/submitter may not call/);
    expect(entries.map(({ method, outcome, caller }) => [method.split('/')[1], outcome, caller.role])).toEqual([
      ['CancelCampaign', 'PERMISSION_DENIED', 'viewer'],
      ['ListTopics', 'PERMISSION_DENIED', 'submitter'],
    ]);
  });
});
