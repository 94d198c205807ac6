import type { Clock } from '../ports/clock.ts';
import type { FinishedSpan, SpanSink, SpanStart } from '../ports/telemetry.ts';
import { parseTraceparent, type TraceContext, type TraceScope } from './trace-context.ts';

/** Where finished spans go. */
export interface Recording {
  readonly sink: SpanSink;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

export interface RecordedSpan {
  readonly context: TraceContext;
  end(error?: unknown): void;
}

/** A span of more causes shows some of them. */
const LINKS_MAX = 64;

/** Begins a span of `parent`, or of a new trace, which goes to the sink when it ends. A second end changes nothing. */
export function recordSpan(
  { sink, clock }: Recording,
  traces: TraceScope,
  parent: TraceContext | undefined,
  { name, kind = 'internal', attributes = {}, links = () => [] }: SpanStart,
): RecordedSpan {
  const context = traces.begin(parent);
  if (!context.isSampled) return { context, end: () => {} };
  const { traceId, spanId } = context;
  const startMs = clock.now();
  const begun = clock.monotonic();
  const linked = linkedSpans(links(), parent);
  let isOver = false;
  return {
    context,
    end(error) {
      if (isOver) return;
      isOver = true;
      sink.take({
        ...{ name, kind, attributes, traceId, spanId, startMs, links: linked },
        ...(parent && { parentSpanId: parent.spanId }),
        durationMs: clock.monotonic() - begun,
        ...(error !== undefined && { error: error instanceof Error ? error.message : String(error) }),
      });
    },
  };
}

/** Each cause once, without the parent. */
function linkedSpans(causes: Iterable<string | undefined>, parent: TraceContext | undefined): FinishedSpan['links'] {
  const linked = new Map<string, { readonly traceId: string; readonly spanId: string }>();
  for (const cause of causes) {
    const context = cause === undefined ? undefined : parseTraceparent(cause);
    if (!context || (context.spanId === parent?.spanId && context.traceId === parent.traceId)) continue;
    const { traceId, spanId } = context;
    linked.set(`${traceId} ${spanId}`, { traceId, spanId });
    if (linked.size === LINKS_MAX) break;
  }
  return [...linked.values()];
}
