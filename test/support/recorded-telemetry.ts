import { systemClock } from '../../src/adapters/in-process/system-clock.ts';
import type { FinishedSpan, Logger, LogLevel, Metrics, Telemetry } from '../../src/ports/telemetry.ts';
import { createTelemetry } from '../../src/runtime/telemetry.ts';
import { createSeededRandom } from './simulation/seeded-random.ts';

export interface RecordedTelemetry {
  readonly telemetry: Telemetry;
  readonly lines: { readonly level: LogLevel; readonly message: string; readonly [field: string]: unknown }[];
  /** The calls of each metric, in order, by verb. */
  readonly told: { readonly [Verb in keyof Metrics]: Parameters<Metrics[Verb]>[0][] };
  /** The current hindrances. */
  hindrances(): readonly string[];
  /** The spans that are over, if they are recorded. */
  readonly spans: readonly FinishedSpan[];
}

/** Telemetry like that of the services, over a log and metrics that only record. */
export function recordedTelemetry(options: { readonly spans?: boolean } = {}): RecordedTelemetry {
  const lines: RecordedTelemetry['lines'] = [];
  const told: RecordedTelemetry['told'] = {
    batchHandled: [],
    appended: [],
    retried: [],
    partitionsHeld: [],
    memberTrained: [],
    partitionRanked: [],
    limitReached: [],
    submissionsHeld: [],
    callEnded: [],
    memberFailed: [],
    campaignsParked: [],
    newerEventMet: [],
  };
  const logger: Logger = { log: (level, message, fields) => void lines.push({ level, message, ...fields }) };
  const metrics: Metrics = {
    batchHandled: (batch) => void told.batchHandled.push(batch),
    appended: (append) => void told.appended.push(append),
    retried: (fault) => void told.retried.push(fault),
    partitionsHeld: (held) => void told.partitionsHeld.push(held),
    memberTrained: (training) => void told.memberTrained.push(training),
    memberFailed: () => void told.memberFailed.push(undefined as never),
    campaignsParked: (count) => void told.campaignsParked.push(count),
    newerEventMet: (event) => void told.newerEventMet.push(event),
    partitionRanked: (ranking) => void told.partitionRanked.push(ranking),
    limitReached: (reached) => void told.limitReached.push(reached),
    callEnded: (call) => void told.callEnded.push(call),
    submissionsHeld: (held) => void told.submissionsHeld.push(held),
  };
  const spans: FinishedSpan[] = [];
  const sink = { take: (span: FinishedSpan) => void spans.push(span) };
  let hindrances: readonly string[] = [];
  const telemetry = createTelemetry({
    logger,
    metrics,
    random: createSeededRandom(99),
    ...(options.spans && { recording: { sink, clock: systemClock, ratio: 1 } }),
    onHindered(reasons) {
      hindrances = reasons;
    },
  });
  return { telemetry, lines, told, hindrances: () => hindrances, spans };
}
