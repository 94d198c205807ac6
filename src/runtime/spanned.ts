import type { SpanStart, Telemetry } from '../ports/telemetry.ts';

/** Runs the action as a part of the current span, if there is telemetry. */
export function spanned<T>(
  telemetry: Pick<Telemetry, 'inSpan'> | undefined,
  span: SpanStart,
  action: () => Promise<T>,
): Promise<T> {
  return telemetry ? telemetry.inSpan(span, action) : action();
}
