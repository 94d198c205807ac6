import type { EndedCall } from '../../src/adapters/grpc/grpc-server.ts';
import type { AuditEntry } from '../../src/ports/audit-log.ts';

/*
 * What of the calls goes to the audit log: each that changes something or asks the tables, and of the others those that
 * were refused for lack of rights.
 */

interface NamedCampaign {
  readonly campaign: string;
}

const ofCampaign = (request: unknown) => ({ campaign: (request as NamedCampaign).campaign });

/** What a call was about, by method. */
const AUDITED: Readonly<Record<string, (request: unknown, call: EndedCall) => AuditEntry['what']>> = {
  'elastream.v1.Gateway/Submit': (request, { requests, replies }) => {
    return { first_source: (request as { source: string }).source, items: requests, answered: replies };
  },
  'elastream.v1.Gateway/Tell': (request) => {
    return { ...ofCampaign(request), results: (request as { results: readonly unknown[] }).results.length };
  },
  'elastream.v1.Gateway/Query': (request) => ({ sql: (request as { sql: string }).sql }),
  'elastream.v1.Campaigns/CreateCampaign': (request) => createdCampaign((request as CreatedJson).campaignJson),
  'elastream.v1.Campaigns/PauseCampaign': ofCampaign,
  'elastream.v1.Campaigns/ResumeCampaign': ofCampaign,
  'elastream.v1.Campaigns/CancelCampaign': ofCampaign,
  'elastream.v1.Campaigns/RaiseStopRule': ofCampaign,
};

interface CreatedJson {
  readonly campaignJson: string;
}

/** Undefined if the call is of no interest. */
export function auditEntry(call: EndedCall): AuditEntry | undefined {
  const { method, code: outcome, caller, first } = call;
  const about = AUDITED[method];
  if (about === undefined && outcome !== 'PERMISSION_DENIED') return undefined;
  const what = about === undefined || first === undefined ? {} : about(first, call);
  return { method, outcome, caller: { ...caller }, what };
}

function createdCampaign(json: string): AuditEntry['what'] {
  try {
    const { name } = JSON.parse(json) as { name?: unknown };
    return { campaign: String(name) };
  } catch {
    return {};
  }
}
