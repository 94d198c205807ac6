import type { AppError } from '../model/app-error.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Log lines, for people and for searches. */
export interface Logger {
  /** `fields.err` is the error; a repeated error is logged only once in a while. */
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Counts and times of the services' work. No call fails, and nothing waits for it. */
export interface Metrics {
  /** A consumer group has handled a batch; redelivered events count again. */
  batchHandled(batch: {
    readonly group: string;
    readonly topic: string;
    /** The number of events that were decoded, and of events that were not. */
    readonly handled: number;
    readonly refused: number;
    readonly seconds: number;
  }): void;
  /** Events of one partition are now durable. */
  appended(append: { readonly topic: string; readonly events: number; readonly seconds: number }): void;
  /** An attempt (counted from 1) failed with a transient error; another follows. */
  retried(fault: { readonly error: AppError; readonly attempt: number }): void;
  /** The number of partitions of its topics that this process holds as a member of the group. */
  partitionsHeld(held: { readonly group: string; readonly partitions: number }): void;
  memberTrained(training: { readonly seconds: number }): void;
  /** A member cannot be trained; its campaign is parked. */
  memberFailed(): void;
  /** The number of campaigns in the log that wait for an operator. */
  campaignsParked(count: { readonly parked: number }): void;
  /** This process skipped an event of a newer version. */
  newerEventMet(event: { readonly topic: string }): void;
  partitionRanked(ranking: { readonly candidates: number; readonly seconds: number }): void;
  /** A client reached a limit (the name of its setting): it was rejected or must wait. */
  limitReached(reached: { readonly limit: string }): void;
  /** A call of another process is over; `code` is gRPC's name of its outcome. */
  callEnded(call: { readonly method: string; readonly code: string; readonly seconds: number }): void;
  /** The bytes that were submitted and are not answered yet. */
  submissionsHeld(held: { readonly bytes: number }): void;
}

type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';
type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work, as it is shown in a trace. */
export interface SpanStart {
  /** One of few names, without ids: `select`, `process elastream.labels.v1`. */
  readonly name: string;
  /** Default: `internal`. */
  readonly kind?: SpanKind;
  /** Few and small; a campaign's name may be one. */
  readonly attributes?: SpanAttributes;
  /**
   * The causes as `traceparent`s, where several came together and the span's parent is only one of them. Called only if
   * the span is recorded.
   */
  readonly links?: () => Iterable<string | undefined>;
}

/** A span whose end its opener tells, for work that is no single call. */
interface OpenSpan {
  /** For messages that this work sends. */
  readonly traceparent: string;
  /** @param error the reason why the work failed */
  end(error?: unknown): void;
}

/** A span that is over. */
export interface FinishedSpan extends Required<Omit<SpanStart, 'links'>> {
  readonly traceId: string;
  readonly spanId: string;
  /** Absent for the first span of a trace. */
  readonly parentSpanId?: string;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly error?: string;
}

/** Takes finished spans out of the process. The call does not fail, and nothing waits for it. */
export interface SpanSink {
  take(span: FinishedSpan): void;
}

/**
 * The observability of a service. It has no influence: with or without it the service writes the same events, except
 * for `traceparent`.
 *
 * A trace is a chain of causes over all services, in the form of W3C Trace Context.
 */
export interface Telemetry extends Logger, Metrics {
  /** Reports the error that blocks some work, so that nobody relies on this process; undefined when it is over. */
  hindered(work: object, error: AppError | undefined): void;
  /** Runs the action as a new span of the trace in `parent`, or of a new trace if `parent` is absent or unreadable. */
  inTrace<T>(parent: string | undefined, span: SpanStart, action: () => Promise<T>): Promise<T>;
  /** Runs the action as a part of the current span; outside of all spans a new trace begins. */
  inSpan<T>(span: SpanStart, action: () => Promise<T>): Promise<T>;
  /** Begins a part of the current span. */
  startSpan(span: SpanStart): OpenSpan;
  /** The current span as a `traceparent`, for events that it causes; outside of all spans a new trace begins. */
  traceparent(): string;
}
