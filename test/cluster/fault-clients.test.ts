import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/model/app-error.ts';
import type { EventRecord } from '../../src/model/event-record.ts';
import { materialHash } from '../../src/model/material-hash.ts';
import { keyPartition } from '../../src/model/partitioner.ts';
import { createTopics } from '../../src/model/topics.ts';
import type { EventLogReader } from '../../src/ports/event-log.ts';
import { toNewEvent } from '../../src/protocol/event-message.ts';
import { keyOf } from '../../src/protocol/event-routes.ts';
import type { SubmitReply, SubmitRequest } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { fromMaterialMessage } from '../../src/protocol/material-message.ts';
import { materialEvents } from '../../src/runtime/source-events.ts';
import { startReading } from '../support/cluster/faults/reading-client.ts';
import { brokenHistory } from '../support/cluster/faults/run-checks.ts';
import { SUBMISSIONS, startSubmitting } from '../support/cluster/faults/submitting-client.ts';
import { createOperationHistory, type Operation } from '../support/history/operation-history.ts';
import { createSeededRandom } from '../support/simulation/seeded-random.ts';
import { syntheticItems } from '../support/simulation/simulated-source.ts';

const TOPIC = createTopics({ featureSchema: 'f1', materialPartitions: 2 }).materials;
const MATERIALS = syntheticItems(12, createSeededRandom(3)).flatMap((item) =>
  item.kind === 'material' ? [item.material] : [],
);
const BROKEN = new AppError('unavailable', 'the stream broke', { retryable: true });
const ORIGIN = { time: '2026-01-02T03:04:05.678Z', source: '/elastream/test' };

type Answering = (requests: AsyncIterable<SubmitRequest>, stream: number) => AsyncGenerator<SubmitReply>;

/** A gateway over a log in memory: what becomes of each stream is `answering`'s. */
function createPlace(answering: (store: (request: SubmitRequest) => void) => Answering) {
  const partitions: EventRecord[][] = Array.from({ length: TOPIC.partitions }, () => []);
  const store = (request: SubmitRequest) => {
    const material = fromMaterialMessage(request.material!, 'material');
    const [event] = materialEvents(SUBMISSIONS, material, materialHash(material), []);
    const key = keyOf(material.id);
    const records = partitions[keyPartition(key, TOPIC.partitions)]!;
    records.push({ ...toNewEvent(event!, { key, id: material.id }, ORIGIN), offset: records.length });
  };
  const answer = answering(store);
  let streams = 0;
  const log = {
    endOffsets: async () => partitions.map(({ length }) => length),
    async *read([range]: readonly { partition: number; from: number; to: number }[]) {
      const { partition, from, to } = range!;
      yield { topic: TOPIC.name, partition, records: partitions[partition]!.slice(from, to), next: to };
    },
  } as Partial<EventLogReader> as EventLogReader;
  const gateway = { Submit: (requests: AsyncIterable<SubmitRequest>) => answer(requests, streams++) };
  return { gateway, log, partitions, content: () => new Map([[TOPIC.name, partitions]]) };
}

/** The second item is stored and never answered: the first stream breaks there. */
const breakingOnce = (store: (request: SubmitRequest) => void): Answering =>
  async function* (requests, stream) {
    let n = 0;
    for await (const request of requests) {
      store(request);
      if (stream === 0 && n++ === 1) throw BROKEN;
      yield { clientId: request.clientId, refusal: undefined };
    }
  };

const outcomes = (operations: readonly Operation[], kind: 'read' | 'write') =>
  operations.filter(({ question }) => question.kind === kind).map(({ outcome }) => outcome);

describe('the clients of the fault runs', () => {
  it('note what was answered, what broke off and what they read, and it fits the log', async () => {
    const { gateway, log, content, partitions } = createPlace(breakingOnce);
    const history = createOperationHistory();
    const submitting = startSubmitting(gateway, MATERIALS.slice(0, 4), history);
    const reading = startReading(log, TOPIC, history);
    await expect.poll(() => submitting.acknowledged.size, { timeout: 10_000 }).toBe(4);
    await submitting.finish();
    await expect.poll(() => reading.answers, { timeout: 10_000 }).toBeGreaterThan(2);
    await reading.finish();
    expect(submitting.breaks).toBe(1);
    expect(outcomes(history.operations, 'write')).toEqual([
      ...['acknowledged', 'unknown', 'acknowledged', 'acknowledged', 'acknowledged'],
    ]);
    expect(brokenHistory(content(), history)).toEqual([]);

    for (const records of partitions) records.length = 0;
    const broken = brokenHistory(content(), history);
    expect(broken.filter((line) => line.includes('was acknowledged and is not in effect'))).toHaveLength(4);
    expect(broken.some((line) => line.includes('reading read'))).toBe(true);
  });

  it('note a refusal as one that had no effect', async () => {
    const refusal = { code: 'bad_number', message: 'no', source: 's', locator: 'l' };
    const { gateway, content } = createPlace(
      (store) =>
        async function* (requests) {
          for await (const request of requests) {
            store(request);
            yield { clientId: request.clientId, refusal };
          }
        },
    );
    const history = createOperationHistory();
    const submitting = startSubmitting(gateway, MATERIALS.slice(0, 1), history);
    await expect(submitting.finish()).rejects.toThrow('is refused: no');
    expect(outcomes(history.operations, 'write')).toEqual(['failed']);
    expect(brokenHistory(content(), history)).toEqual([
      expect.stringContaining(`${MATERIALS[0]!.id}: ${materialHash(MATERIALS[0]!)} failed and is in effect`),
    ]);
  });
});
