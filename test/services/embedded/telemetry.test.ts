import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../../../src/model/event-record.ts';
import { parseTraceparent } from '../../../src/runtime/trace-context.ts';
import { runLoop } from '../../support/observed-loop.ts';
import { recordedTelemetry } from '../../support/recorded-telemetry.ts';
import { SIMULATED_TOPICS as topics } from '../../support/simulation/service-world.ts';

describe('telemetry of the whole loop', () => {
  it('changes nothing but the trace in each event', async () => {
    const [bare, watched] = [await runLoop(), await runLoop(recordedTelemetry())];
    expect(bare.records.filter((record) => 'traceparent' in record)).toEqual([]);
    const plain = ({ key, value, ...rest }: EventRecord) => {
      return { ...rest, key: Buffer.from(key).toString('hex'), value: Buffer.from(value).toString('hex') };
    };
    const untraced = ({ traceparent, ...record }: EventRecord) => {
      expect(parseTraceparent(traceparent ?? '')).toBeDefined();
      return plain(record);
    };
    expect(watched.records.map(untraced)).toEqual(bare.records.map(plain));
  });

  it('tells what was appended, handled, trained and ranked', async () => {
    const recorded = recordedTelemetry();
    const { records, eventsOf } = await runLoop(recorded);
    const { appended, batchHandled, memberTrained, partitionRanked } = recorded.told;
    expect(appended.reduce((sum, { events }) => sum + events, 0)).toBe(records.length);
    const groups = new Set(batchHandled.map(({ group }) => group));
    expect([...groups].sort()).toEqual(['calculation', 'featurization', 'ingestion', 'training', 'training-shard']);
    expect(memberTrained).toHaveLength(eventsOf('MemberTrained').length);
    const opened = eventsOf('RoundOpened').length;
    expect(partitionRanked.length).toBeGreaterThan(0);
    expect(partitionRanked.length % topics.materials.partitions).toBe(0);
    expect(partitionRanked.length / topics.materials.partitions).toBeLessThanOrEqual(opened);
    expect(partitionRanked.some(({ candidates }) => candidates > 0)).toBe(true);
  });

  it("joins a calculation's request, result and label in one trace", async () => {
    const { records } = await runLoop(recordedTelemetry());
    const traceOf = (record: EventRecord) => parseTraceparent(record.traceparent!)!.traceId;
    const requests = new Set(records.filter(({ type }) => type.endsWith('.CalculationRequested')).map(traceOf));
    const results = records.filter(({ type }) => type.endsWith('.ResultReceived')).map(traceOf);
    const labels = new Set(records.filter(({ type }) => type.endsWith('.LabelIngested')).map(traceOf));
    expect(results.length).toBeGreaterThan(0);
    for (const trace of results) expect(requests.has(trace)).toBe(true);
    expect(results.some((trace) => labels.has(trace))).toBe(true);
  });
});
