import { describe, expect, it } from 'vitest';
import { createAuditLog } from '../../../src/adapters/pino/audit-log.ts';
import type { AuditEntry } from '../../../src/ports/audit-log.ts';
import { createVirtualClock } from '../../support/simulation/virtual-clock.ts';

const DONE: AuditEntry = {
  method: 'elastream.v1.Campaigns/CancelCampaign',
  outcome: 'OK',
  caller: { peer: '10.1.2.3:5555', role: 'operator', subject: 'CN=operator,O=Kim', serial: '0A', fingerprint: 'AB:CD' },
  what: { campaign: 'sodium' },
};

function open() {
  const lines: Record<string, unknown>[] = [];
  const clock = createVirtualClock();
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const audit = createAuditLog({ service: 'gateway', node: 'g-1', clock, destination });
  return { lines, clock, audit };
}

describe('the audit log', () => {
  it('tells in a line of its own stream who did what, and what came of it', () => {
    const { lines, audit } = open();
    audit.note(DONE);
    const { time, ...line } = lines[0]!;
    expect(line).toEqual({ level: 'info', stream: 'audit', service: 'gateway', node: 'g-1', ...DONE, msg: 'audit' });
    expect(Date.parse(time as string)).not.toBeNaN();
  });

  it('notes all that was done, and what was refused once in a while with its number', async () => {
    const { lines, clock, audit } = open();
    const refused = { ...DONE, outcome: 'PERMISSION_DENIED' };
    for (let i = 0; i < 100; i++) {
      audit.note(DONE);
      // A caller without a certificate may take a new port for each call.
      audit.note({ ...refused, caller: { peer: `10.1.2.3:${i}` } });
    }
    expect(lines.filter(({ outcome }) => outcome === 'OK')).toHaveLength(100);
    expect(lines.filter(({ outcome }) => outcome === 'PERMISSION_DENIED')).toHaveLength(1);
    await clock.advance(30_000);
    audit.note(DONE);
    expect(lines.find((line) => 'left_out' in line)).toMatchObject({ outcome: 'PERMISSION_DENIED', left_out: 99 });
    audit.note(refused);
    audit.note(refused);
    audit.close();
    expect(lines.at(-1)).toMatchObject({ outcome: 'PERMISSION_DENIED', left_out: 1 });
  });

  it('is bounded, and shows no secret and no line of a caller', () => {
    const { lines, audit } = open();
    audit.note({ ...DONE, what: { campaign: `a\n{"stream":"audit"}${'x'.repeat(10_000)}`, sql: 'http://u:p@h/' } });
    const { campaign, sql } = lines[0]!.what as Record<string, string>;
    expect(lines).toHaveLength(1);
    expect(campaign).toHaveLength(256);
    expect(sql).toBe('http://[secret]@h/');
  });
});
