import type { Random } from '../ports/random.ts';
import type { Logger, Metrics, Telemetry } from '../ports/telemetry.ts';
import { createTraceScope, formatTraceparent, parseTraceparent } from './trace-context.ts';

export interface TelemetryParts {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Source of the ids of traces and spans. */
  readonly random: Random;
  /** Called with the reasons that block this process's work, whenever they change. */
  readonly onHindered?: (reasons: readonly string[]) => void;
}

/** Combines a log and metrics: logs the notable events, each within its trace. */
export function createTelemetry({ logger, metrics, random, onHindered }: TelemetryParts): Telemetry {
  const traces = createTraceScope(random);
  const hindrances = new Map<object, string>();
  const log: Logger['log'] = (level, message, fields) => {
    const trace = traces.current();
    logger.log(level, message, trace ? { ...fields, trace_id: trace.traceId, span_id: trace.spanId } : fields);
  };
  return {
    log,
    batchHandled(batch) {
      metrics.batchHandled(batch);
      const { group, topic, refused } = batch;
      if (refused > 0) log('warn', 'refused events that cannot be used', { group, topic, refused });
    },
    appended: (append) => metrics.appended(append),
    retried(fault) {
      metrics.retried(fault);
      const { error: err, attempt } = fault;
      log('warn', `attempt ${attempt} failed, another follows`, { err, attempt });
    },
    partitionsHeld: (held) => metrics.partitionsHeld(held),
    memberTrained: (training) => metrics.memberTrained(training),
    memberFailed: () => metrics.memberFailed(),
    campaignsParked: (count) => metrics.campaignsParked(count),
    newerEventMet: (event) => metrics.newerEventMet(event),
    partitionRanked: (ranking) => metrics.partitionRanked(ranking),
    limitReached: (reached) => metrics.limitReached(reached),
    submissionsHeld: (held) => metrics.submissionsHeld(held),
    hindered(work, error) {
      const before = hindrances.get(work);
      if (before === error?.message) return;
      if (error) hindrances.set(work, error.message);
      else hindrances.delete(work);
      onHindered?.([...new Set(hindrances.values())]);
    },
    inTrace: (parent, action) => traces.run(parent === undefined ? undefined : parseTraceparent(parent), action),
    traceparent: () => formatTraceparent(traces.current() ?? traces.begin()),
  };
}
