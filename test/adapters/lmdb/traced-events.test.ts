import { describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import { startIngestion } from '../../../services/ingestion/ingestion.ts';
import { systemClock } from '../../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../../src/adapters/in-process/system-random.ts';
import { openEventLog } from '../../../src/adapters/lmdb/event-log.ts';
import { createPublisher } from '../../../src/runtime/publisher.ts';
import { parseTraceparent } from '../../../src/runtime/trace-context.ts';
import { collected } from '../../support/events.ts';
import { eventually } from '../../support/eventually.ts';
import { EXAMPLE_EVENTS } from '../../support/example-events.ts';
import { recordedTelemetry } from '../../support/recorded-telemetry.ts';
import { SIMULATED_TOPICS as topics } from '../../support/simulation/service-world.ts';

describe('events in a log on disk', () => {
  it('carry the trace of what caused them', async () => {
    const { path, remove } = scratchDirectory();
    const log = openEventLog({ directory: path });
    const { telemetry } = recordedTelemetry();
    const ports = { log, topics, clock: systemClock, random: systemRandom, telemetry };
    await log.declare(Object.values(topics));
    const recordsOf = async (topic: string) => {
      const ends = await log.endOffsets(topic);
      const ranges = ends.map((to, partition) => ({ topic, partition, from: 0, to })).filter(({ to }) => to > 0);
      return (await collected(log.read(ranges))).flatMap(({ records }) => records);
    };
    const results = EXAMPLE_EVENTS.flatMap((event) => (event.type === 'ResultReceived' ? [event] : []));
    // Each with a trace of its own.
    for (const event of results) await createPublisher(ports, 'test').publish([{ event }]);
    const ingestion = await startIngestion(ports);
    const answers = async () => [
      ...(await recordsOf(topics.labels.name)),
      ...(await recordsOf(topics.rejections.name)),
    ];
    await eventually(async () => (await answers()).length === results.length);
    await ingestion.stop();
    const spansOf = (records: readonly { readonly traceparent?: string }[]) =>
      records.map(({ traceparent }) => parseTraceparent(traceparent!)!);
    const causes = spansOf(await recordsOf(topics.results.name));
    for (const span of spansOf(await answers())) {
      const cause = causes.find(({ traceId }) => traceId === span.traceId);
      expect(cause).toBeDefined();
      expect(span.spanId).not.toBe(cause!.spanId);
    }
    await log.close();
    await remove();
  });
});
