import { type DestinationStream, destination as openDestination, pino } from 'pino';
import type { AuditEntry, AuditLog } from '../../ports/audit-log.ts';
import type { Clock } from '../../ports/clock.ts';
import { createRepeatedErrors } from './repeated-errors.ts';
import { withoutSecrets } from './without-secrets.ts';

export interface AuditLogOptions {
  readonly service: string;
  readonly node: string;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

export interface AuditLogFile extends AuditLog {
  /** Notes how often refusals were left out. */
  close(): void;
}

/** A text that a caller chose, in a line. */
const TEXT_CHARACTERS_MAX = 256;

/**
 * Creates an audit log: JSON lines that have `stream: "audit"`, which no other line has, at every level of the log. What
 * was done is noted each time. What was refused is noted once in 30 s for a caller, a method and a reason, with the
 * number of times: a caller without rights must not be able to fill the disk.
 */
export function createAuditLog({ service, node, clock, destination }: AuditLogOptions): AuditLogFile {
  const logger = pino(
    {
      base: { stream: 'audit', service, node },
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    destination ?? openDestination({ dest: 1, sync: true }),
  );
  const refusals = createRepeatedErrors<AuditEntry>(clock);
  const write = ({ method, outcome, caller, what }: AuditEntry, leftOut = 0) => {
    const more = leftOut > 0 ? { left_out: leftOut } : {};
    logger.info({ method, outcome, caller: bounded(caller), what: bounded(what), ...more }, 'audit');
  };
  const writeLeftOut = () => {
    for (const { line, count } of refusals.over()) write(line, count);
  };
  return {
    note(entry) {
      if (entry.outcome === 'OK') write(entry);
      else {
        const { fingerprint, peer = '' } = entry.caller;
        const leftOut = refusals.admit(
          `${fingerprint ?? peer.replace(/:\d+$/, '')} ${entry.method} ${entry.outcome}`,
          entry,
        );
        if (leftOut !== undefined) write(entry, leftOut);
      }
      writeLeftOut();
    },
    close() {
      for (const { line, count } of refusals.all()) write(line, count);
    },
  };
}

function bounded(fields: Readonly<Record<string, string | number>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? withoutSecrets(value.slice(0, TEXT_CHARACTERS_MAX).toWellFormed()) : value,
    ]),
  );
}
