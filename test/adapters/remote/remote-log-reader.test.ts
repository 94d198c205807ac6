import { describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import { createGateway } from '../../../services/gateway/gateway.ts';
import { systemClock } from '../../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../../src/adapters/in-process/system-random.ts';
import { openEventLog } from '../../../src/adapters/lmdb/event-log.ts';
import { createRemoteLogReader } from '../../../src/adapters/remote/remote-log-reader.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type { Topic, Topics } from '../../../src/model/topics.ts';
import type { EventBatch, EventLog } from '../../../src/ports/event-log.ts';
import {
  EventBatch as EventBatchMessage,
  type Gateway,
  type ReadEventsRequest,
} from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { retrying } from '../../../src/runtime/retry.ts';
import { eventLogContract } from '../../contract/event-log.contract.ts';
import { directFeaturizer } from '../../support/direct-featurizer.ts';
import { collected, event, idsOf } from '../../support/events.ts';
import { eventually } from '../../support/eventually.ts';
import { SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';

/** Written by itself, read and followed through its gateway, for which `topics` are elastream's. */
function readThroughGateway(log: EventLog, topics: Topics & Record<string, Topic>): EventLog {
  const ports = { log, topics, clock: systemClock, random: systemRandom };
  const remote = createRemoteLogReader(
    createGateway({ ports, models: undefined as never, featurizer: directFeaturizer() }),
  );
  const declare: EventLog['declare'] = (declared) => {
    for (const topic of declared) topics[topic.name] = topic;
    return log.declare(declared);
  };
  return { ...log, ...remote, declare, close: () => remote.close().then(log.close) };
}

describe('event log read through a gateway', () => {
  eventLogContract(async () => {
    const { path, remove } = scratchDirectory();
    const topics = { ...SIMULATED_TOPICS };
    return { open: async () => readThroughGateway(openEventLog({ directory: path }), topics), remove };
  });

  it('ends its followers with the error of a gateway that is gone', async () => {
    const gone = new AppError('unavailable', 'no gateway answers', { retryable: true });
    // biome-ignore lint/correctness/useYield: it breaks before the first message
    async function* ReadEvents(): AsyncGenerator<never> {
      throw gone;
    }
    const remote = createRemoteLogReader({ ReadEvents } as unknown as Gateway);
    const from = [{ topic: 't', partition: 0, offset: 0 }];
    const { ended } = await remote.follow({ from, onBatch: async () => {} });
    await expect(ended).rejects.toBe(gone);
  });

  it('uses nothing that was changed on its way, and keeps the trace of what comes', async () => {
    const { path, remove } = scratchDirectory();
    const log = openEventLog({ directory: path });
    const topic = SIMULATED_TOPICS.materials.name;
    await log.declare([SIMULATED_TOPICS.materials]);
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    await log.append({ topic, partition: 0 }, [event('e', { value: Buffer.from('80.125'), traceparent })]);
    const ports = { log, topics: SIMULATED_TOPICS, clock: systemClock, random: systemRandom };
    const gateway = createGateway({ ports, models: undefined as never, featurizer: directFeaturizer() });
    const range = { topic, partition: 0, from: 0, to: 1 };
    const [sound] = await collected(createRemoteLogReader(gateway).read([range]));
    expect(sound!.records).toMatchObject([{ id: 'e', traceparent }]);
    const wire = { encode: (batch: EventBatchMessage) => EventBatchMessage.encode(batch).finish() };
    async function* ReadEvents(request: ReadEventsRequest) {
      for await (const batch of gateway.ReadEvents(request)) {
        const bytes = Buffer.from(wire.encode(batch));
        bytes.write('4', bytes.indexOf('80.125'));
        yield EventBatchMessage.decode(bytes);
      }
    }
    const damaged = createRemoteLogReader({ ...gateway, ReadEvents });
    await expect(collected(damaged.read([range]))).rejects.toMatchObject({
      ...{ code: 'storage_corrupt', retryable: false },
      message: expect.stringContaining(`${topic} partition 0 offset 0: the event was changed on its way`),
    });
    await log.close();
    await remove();
  });

  it('goes on where a lost gateway left it, where it may try again', async () => {
    const { path, remove } = scratchDirectory();
    const log = openEventLog({ directory: path });
    const topic = SIMULATED_TOPICS.materials.name;
    await log.declare([SIMULATED_TOPICS.materials]);
    for (let i = 0; i < 6; i++) await log.append({ topic, partition: i % 2 }, [event(`${i}`)]);
    const ports = { log, topics: SIMULATED_TOPICS, clock: systemClock, random: systemRandom };
    const remote = createRemoteLogReader(
      dyingGateway(createGateway({ ports, models: undefined as never, featurizer: directFeaturizer() })),
      (action) => retrying({ clock: systemClock, random: systemRandom }, action),
    );
    const from = [0, 1].map((partition) => ({ topic, partition, offset: 0 }));
    const followed: EventBatch[] = [];
    const follower = await remote.follow({
      from,
      batchRecordsMax: 1,
      onBatch: async (batch) => void followed.push(batch),
    });
    await eventually(() => followed.length >= 6);
    await log.append({ topic, partition: 0 }, [event('late')]);
    await eventually(() => followed.length >= 7);
    await follower.stop();
    expect(idsOf(followed).sort()).toEqual(['0', '1', '2', '3', '4', '5', 'late']);
    const ranges = from.map(({ offset, ...at }) => ({ ...at, from: offset, to: 3 }));
    expect(idsOf(await collected(remote.read(ranges))).sort()).toEqual(['0', '1', '2', '3', '4', '5']);
    await remote.close();
    await log.close();
    await remove();
  });
});

/** Gives one message of each stream, and every call only on the second attempt. */
function dyingGateway<G extends Pick<Gateway, 'ReadEvents'>>(gateway: G): G {
  const gone = () => new AppError('unavailable', 'no gateway answers', { retryable: true });
  let calls = 0;
  return {
    ...gateway,
    async *ReadEvents(request) {
      if (++calls % 2 === 1) throw gone();
      for await (const message of gateway.ReadEvents(request)) {
        yield message;
        throw gone();
      }
    },
  };
}
