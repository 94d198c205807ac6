import { beforeAll, describe, expect, it } from 'vitest';
import type { FinishedSpan } from '../../../src/ports/telemetry.ts';
import { runLoop } from '../../support/observed-loop.ts';
import { recordedTelemetry } from '../../support/recorded-telemetry.ts';

describe('the traces of a whole campaign', () => {
  let spans: readonly FinishedSpan[];
  const named = (name: string) => spans.filter((span) => span.name === name);
  const inTrace = (traceId: string) => spans.filter((span) => span.traceId === traceId);

  beforeAll(async () => {
    const recorded = recordedTelemetry({ spans: true });
    await runLoop(recorded);
    spans = recorded.spans;
  });

  it('have one from the calculations of a round to the selection that their results changed', () => {
    const requests = named('request calculations');
    expect(requests.length).toBeGreaterThan(1);
    // The last round's results change no selection.
    const whole = requests.slice(0, -1).map(({ traceId }) => inTrace(traceId));
    for (const trace of whole) {
      const names = trace.map(({ name }) => name);
      for (const name of [
        'calculate',
        'process elastream.results.v1',
        'process elastream.labels.v1',
        'close a round',
        'open a round',
        'train members',
        'train a member',
        'select',
      ]) {
        expect(names, name).toContain(name);
      }
      const first = trace.filter(({ parentSpanId }) => parentSpanId === undefined);
      expect(first.map(({ name }) => name)).toEqual(['request calculations']);
      const select = trace.find(({ name }) => name === 'select')!;
      expect(select.attributes['elastream.round']).toBe((first[0]!.attributes['elastream.round'] as number) + 1);
    }
  });

  it('hang together: each span but the first has its parent in the same trace', () => {
    for (const traceId of new Set(spans.map((span) => span.traceId))) {
      const trace = inTrace(traceId);
      const ids = new Set(trace.map(({ spanId }) => spanId));
      const lost = trace.filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId));
      expect(lost.map(({ name }) => name)).toEqual([]);
    }
  });

  it('link a round to the other results that it waited for, and its calculations to the selection', () => {
    const spanOf = ({ traceId, spanId }: { traceId: string; spanId: string }) =>
      spans.find((span) => span.spanId === spanId && span.traceId === traceId);
    const closings = named('close a round').filter(({ links }) => links.length > 1);
    expect(closings.length).toBeGreaterThan(0);
    for (const { links } of closings) expect(links.map(spanOf)).not.toContain(undefined);
    for (const { links } of named('request calculations')) {
      expect(links.map((link) => spanOf(link)?.name)).toContain('publish');
    }
  });

  it('link the first round to the data that it begins with', () => {
    const first = named('open a round').find(({ attributes }) => attributes['elastream.round'] === 1)!;
    const linked = new Set(first.links.map(({ traceId }) => traceId));
    expect([...linked].some((traceId) => inTrace(traceId).some(({ name }) => name.includes('features')))).toBe(true);
  });

  it('are bounded: no span has more than 64 links', () => {
    expect(Math.max(...spans.map(({ links }) => links.length))).toBeLessThanOrEqual(64);
  });
});
