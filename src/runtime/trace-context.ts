import { AsyncLocalStorage } from 'node:async_hooks';
import type { Random } from '../ports/random.ts';

/** A span: a piece of work within a trace. */
export interface TraceContext {
  /** 32 lowercase hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 lowercase hexadecimal digits, not all zero. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const ZERO = /^0+$/;

/** Reads a `traceparent` of version 00 (https://www.w3.org/TR/trace-context/); undefined if the text is not one. */
export function parseTraceparent(text: string): TraceContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || ZERO.test(traceId) || ZERO.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags!, 16) & 1) === 1 };
}

/** Writes a `traceparent`. Version 00 requires that unknown flags are not passed on. */
export function formatTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

export interface TraceScope {
  /** The span of the current work. */
  current(): TraceContext | undefined;
  /** Begins a new span of `parent`, or of a new trace. */
  begin(parent?: TraceContext): TraceContext;
  /** Runs the action within this span. */
  within<T>(span: TraceContext, action: () => Promise<T>): Promise<T>;
}

/**
 * Follows work through its awaits, so that handlers need not pass the trace on. From the first `within` on, every await
 * of the process costs a little more; without telemetry there is none.
 * @param sampledRatio the part of new traces that are recorded
 */
export function createTraceScope(random: Random, sampledRatio = 1): TraceScope {
  const storage = new AsyncLocalStorage<TraceContext>();
  const newId = (bytes: number): string => {
    const id = Buffer.from(random.bytes(bytes)).toString('hex');
    return ZERO.test(id) ? newId(bytes) : id;
  };
  const isSampled = () => sampledRatio === 1 || random.uniform() < sampledRatio;
  return {
    current: () => storage.getStore(),
    begin: (parent) =>
      parent ? { ...parent, spanId: newId(8) } : { traceId: newId(16), spanId: newId(8), isSampled: isSampled() },
    within: (span, action) => storage.run(span, action),
  };
}
