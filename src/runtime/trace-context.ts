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
  /** Begins a new trace. */
  begin(): TraceContext;
  /** Runs the action as a new span of `parent`, or of a new trace. */
  run<T>(parent: TraceContext | undefined, action: () => Promise<T>): Promise<T>;
}

/**
 * Follows work through its awaits, so that handlers need not pass the trace on. From the first `run` on, every await of
 * the process costs a little more; without telemetry there is no `run`.
 */
export function createTraceScope(random: Random): TraceScope {
  const storage = new AsyncLocalStorage<TraceContext>();
  const newId = (bytes: number): string => {
    const id = Buffer.from(random.bytes(bytes)).toString('hex');
    return ZERO.test(id) ? newId(bytes) : id;
  };
  const begin = () => ({ traceId: newId(16), spanId: newId(8), isSampled: true });
  return {
    current: () => storage.getStore(),
    begin,
    run: (parent, action) => storage.run(parent ? { ...parent, spanId: newId(8) } : begin(), action),
  };
}
