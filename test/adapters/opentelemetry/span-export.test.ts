import { afterEach, describe, expect, it } from 'vitest';
import { openSpanExport } from '../../../src/adapters/opentelemetry/span-export.ts';
import type { AppError } from '../../../src/model/app-error.ts';
import type { FinishedSpan } from '../../../src/ports/telemetry.ts';
import { eventually } from '../../support/eventually.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../support/otlp-receiver.ts';

const SPAN: FinishedSpan = {
  name: 'select',
  kind: 'consumer',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  parentSpanId: 'b7ad6b7169203331',
  startMs: 1_700_000_000_123.25,
  durationMs: 1.5,
  attributes: { 'elastream.campaign': 'Größe', 'elastream.round': 3, first: true },
  links: [{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b9c7c989f97918e1' }],
};

describe('the export of spans', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  async function open(given?: OtlpReceiver) {
    const receiver = given ?? (await startOtlpReceiver());
    const failures: AppError[] = [];
    const spans = openSpanExport({
      ...{ endpoint: `${receiver.endpoint}/`, service: 'acquisition', node: 'a-1', version: '1.2.3' },
      onFailure: (error) => void failures.push(error),
    });
    closers.push(() => receiver.close());
    return { receiver, failures, spans };
  }

  it('sends what OpenTelemetry defines: names, kinds, times, parents, links, errors', async () => {
    const { receiver, spans, failures } = await open();
    spans.take(SPAN);
    const { parentSpanId: _, ...root } = SPAN;
    spans.take({ ...root, spanId: '1111111111111111', links: [], kind: 'internal', error: 'no shard answers' });
    await spans.close();
    expect(receiver.requests).toEqual(['POST /v1/traces application/x-protobuf']);
    expect(failures).toEqual([]);
    const startNs = 1_700_000_000_123_250_000n;
    expect(receiver.spans).toEqual([
      {
        ...{ service: 'elastream-acquisition', node: 'a-1', name: 'select', kind: 5 },
        ...{ traceId: SPAN.traceId, spanId: SPAN.spanId, parentSpanId: SPAN.parentSpanId },
        ...{ startNs, endNs: startNs + 1_500_000n, attributes: SPAN.attributes, links: SPAN.links },
        status: { code: 0, message: '' },
      },
      expect.objectContaining({ parentSpanId: '', kind: 1, status: { code: 2, message: 'no shard answers' } }),
    ]);
  });

  it('tells of a collector that refuses or is away, and waits for none', async () => {
    const { receiver, spans, failures } = await open();
    receiver.answer(400);
    spans.take(SPAN);
    await eventually(() => failures.length > 0, 10_000);
    expect(failures[0]).toMatchObject({ code: 'unavailable', message: expect.stringContaining('/v1/traces: ') });
    await receiver.close();
    spans.take(SPAN);
    const begun = performance.now();
    await spans.close();
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(failures).toHaveLength(2);
  });

  it('holds a bounded number of spans', async () => {
    const { receiver, spans } = await open();
    for (let i = 0; i < 20_000; i++) spans.take(SPAN);
    await spans.close();
    // One batch is on its way.
    expect(receiver.spans.length).toBeLessThanOrEqual(8192 + 512);
    expect(receiver.spans.length).toBeGreaterThan(0);
  });
});
