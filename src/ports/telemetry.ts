import type { AppError } from '../model/app-error.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Lines for people and for their searches. */
export interface Logger {
  /** `fields.err` is what failed; an error that comes again and again is said once in a while. */
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What the services do, counted and timed. None of it fails, and nothing waits for it. */
export interface Metrics {
  /** Of a consumer group; redelivered events count again. */
  batchHandled(batch: {
    readonly group: string;
    readonly topic: string;
    /** Events that were understood, and those that were not. */
    readonly handled: number;
    readonly refused: number;
    readonly seconds: number;
  }): void;
  /** Events of one partition, durable now. */
  appended(append: { readonly topic: string; readonly events: number; readonly seconds: number }): void;
  /** An attempt (from 1) that failed in passing; another follows. */
  retried(fault: { readonly error: AppError; readonly attempt: number }): void;
  /** How many partitions of its topics this process holds as a member of the group. */
  partitionsHeld(held: { readonly group: string; readonly partitions: number }): void;
  memberTrained(training: { readonly seconds: number }): void;
  /** A member that cannot be trained, whose campaign is parked. */
  memberFailed(): void;
  /** How many campaigns of the log wait for somebody to look. */
  campaignsParked(count: { readonly parked: number }): void;
  /** An event of a newer version, passed over here. */
  newerEventMet(event: { readonly topic: string }): void;
  partitionRanked(ranking: { readonly candidates: number; readonly seconds: number }): void;
  /** A client met a limit, by the setting's name: it was refused, or has to wait. */
  limitReached(reached: { readonly limit: string }): void;
  /** Of what has been submitted and is not answered yet. */
  submissionsHeld(held: { readonly bytes: number }): void;
}

/**
 * How a service is watched. It decides nothing: with or without it the same events are written, but for `traceparent`.
 *
 * A trace is a chain of what caused what, over all services, in the form of W3C Trace Context.
 */
export interface Telemetry extends Logger, Metrics {
  /** What is in the way of some work, so that nobody counts on this process; nothing once it is not. */
  hindered(work: object, error: AppError | undefined): void;
  /** Runs it as a new span of the trace in `parent`, or of a new trace where there is none that can be read. */
  inTrace<T>(parent: string | undefined, action: () => Promise<T>): Promise<T>;
  /** The current span as a `traceparent`, for what is caused now; outside of all a new trace begins. */
  traceparent(): string;
}
