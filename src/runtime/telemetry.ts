import type { Random } from '../ports/random.ts';
import type { Logger, Metrics, SpanStart, Telemetry } from '../ports/telemetry.ts';
import { type Recording, recordSpan } from './span-recording.ts';
import { createTraceScope, formatTraceparent, parseTraceparent, type TraceContext } from './trace-context.ts';

export interface TelemetryParts {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Source of the ids of traces and spans. */
  readonly random: Random;
  /** Called with the reasons that block this process's work, whenever they change. */
  readonly onHindered?: (reasons: readonly string[]) => void;
  /** Absent: traces have ids, in events and in log lines, and no spans are made. */
  readonly recording?: Recording & {
    /** The part of the traces begun here that is recorded; a trace that came with a message has this decided. */
    readonly ratio: number;
  };
}

/** Combines a log and metrics: logs the notable events, each within its trace. */
export function createTelemetry({ logger, metrics, random, onHindered, recording }: TelemetryParts): Telemetry {
  const traces = createTraceScope(random, recording?.ratio);
  const hindrances = new Map<object, string>();
  const log: Logger['log'] = (level, message, fields) => {
    const trace = traces.current();
    logger.log(level, message, trace ? { ...fields, trace_id: trace.traceId, span_id: trace.spanId } : fields);
  };
  async function recorded<T>(
    to: Recording,
    parent: TraceContext | undefined,
    start: SpanStart,
    action: () => Promise<T>,
  ): Promise<T> {
    const span = recordSpan(to, traces, parent, start);
    try {
      const result = await traces.within(span.context, action);
      span.end();
      return result;
    } catch (error) {
      span.end(error);
      throw error;
    }
  }

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
    callEnded: (call) => metrics.callEnded(call),
    submissionsHeld: (held) => metrics.submissionsHeld(held),
    hindered(work, error) {
      const before = hindrances.get(work);
      if (before === error?.message) return;
      if (error) hindrances.set(work, error.message);
      else hindrances.delete(work);
      onHindered?.([...new Set(hindrances.values())]);
    },
    inTrace(text, span, action) {
      const parent = text === undefined ? undefined : parseTraceparent(text);
      return recording ? recorded(recording, parent, span, action) : traces.within(traces.begin(parent), action);
    },
    inSpan: (span, action) => (recording ? recorded(recording, traces.current(), span, action) : action()),
    startSpan(start) {
      const current = traces.current();
      if (!recording) return { traceparent: formatTraceparent(current ?? traces.begin()), end: () => {} };
      const { context, end } = recordSpan(recording, traces, current, start);
      return { traceparent: formatTraceparent(context), end };
    },
    traceparent: () => formatTraceparent(traces.current() ?? traces.begin()),
  };
}
