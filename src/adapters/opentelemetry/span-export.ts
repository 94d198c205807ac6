import { type HrTime, type SpanContext, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace';
import { AppError } from '../../model/app-error.ts';
import type { FinishedSpan, SpanSink } from '../../ports/telemetry.ts';

export interface SpanExportOptions {
  /** Base URL of a collector that speaks OTLP over HTTP: `http://127.0.0.1:4318`. Spans go to its `/v1/traces`. */
  readonly endpoint: string;
  readonly service: string;
  readonly node: string;
  readonly version: string;
  /** Called when spans could not be exported; they are lost. */
  readonly onFailure: (error: AppError) => void;
}

export interface SpanExport extends SpanSink {
  /** Exports what is left, for a few seconds at most. */
  close(): Promise<void>;
}

/** A collector that is slow or away costs this memory and no more: beyond it spans are dropped. */
const SPANS_HELD_MAX = 8192;
const EXPORT_MS_MAX = 5_000;
const EVERY_MS = 1_000;

/**
 * Exports spans by OpenTelemetry's protocol. Of its SDK only the batching and the exporter are used: ids, contexts and
 * sampling are the telemetry's own, so nothing here is global, and nothing is instrumented behind anybody's back.
 */
export function openSpanExport({ endpoint, service, node, version, onFailure }: SpanExportOptions): SpanExport {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const resource = resourceFromAttributes({
    'service.name': `elastream-${service}`,
    'service.namespace': 'elastream',
    'service.instance.id': node,
    'service.version': version,
  });
  const exporter = watched(new OTLPTraceExporter({ url, timeoutMillis: EXPORT_MS_MAX }), (cause) =>
    onFailure(new AppError('unavailable', `spans could not be sent to ${url}: ${cause.message}`, { cause })),
  );
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: SPANS_HELD_MAX,
    scheduledDelayMillis: EVERY_MS,
    exportTimeoutMillis: EXPORT_MS_MAX,
  });
  return {
    take: (span) => processor.onEnd(readable(span, resource, version)),
    // Failures were told.
    close: () => processor.shutdown().catch(() => {}),
  };
}

/** The SDK tells failures to a global listener only. */
function watched(exporter: SpanExporter, onFailure: (error: Error) => void): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error) onFailure(result.error);
        done(result);
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

function readable(span: FinishedSpan, resource: Resource, version: string): ReadableSpan {
  const { name, kind, traceId, spanId, parentSpanId, startMs, durationMs, attributes, links, error } = span;
  const context = contextOf(traceId, spanId);
  return {
    name,
    kind: KINDS[kind],
    spanContext: () => context,
    ...(parentSpanId !== undefined && { parentSpanContext: contextOf(traceId, parentSpanId) }),
    startTime: hrTime(startMs),
    endTime: hrTime(startMs + durationMs),
    duration: hrTime(durationMs),
    ended: true,
    status: error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error },
    attributes,
    links: links.map((link) => ({ context: contextOf(link.traceId, link.spanId) })),
    events: [],
    resource,
    instrumentationScope: { name: 'elastream', version },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function contextOf(traceId: string, spanId: string): SpanContext {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
}

/** Seconds and nanoseconds. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
