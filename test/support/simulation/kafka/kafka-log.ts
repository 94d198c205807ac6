import { openKafkaEventLog } from '../../../../src/adapters/kafka/event-log.ts';
import type { Timing } from '../../../../src/adapters/kafka/timing.ts';
import { AppError } from '../../../../src/model/app-error.ts';
import type { EventLog } from '../../../../src/ports/event-log.ts';
import type { Life } from '../life.ts';
import type { AcknowledgedEvent } from '../simulated-log.ts';
import type { Surroundings } from '../surroundings.ts';
import type { SimulatedKafka } from './simulated-kafka.ts';

/** A node's access to the simulated brokers: the real Kafka adapter, opened on first use. */
export function createKafkaLog(
  { clock, tell }: Pick<Surroundings, 'clock' | 'tell'>,
  life: Life,
  kafka: SimulatedKafka,
  acknowledged: AcknowledgedEvent[],
): EventLog {
  const clientId = life.who;
  life.onEnd(() => kafka.network.end(clientId));
  const timing: Timing = {
    now: clock.now,
    // Nothing wakes up in a process that is dead or blocked.
    async sleep(ms, signal) {
      await life.through(clock.sleep(ms, signal));
      if (!signal?.aborted) await kafka.network.awake(clientId);
    },
  };
  let opened: Promise<EventLog> | undefined;
  let closed = false;

  function open(): Promise<EventLog> {
    if (closed) throw new AppError('closed', 'the event log is closed');
    const replicas = kafka.addresses.length;
    opened ??= openKafkaEventLog({ brokers: kafka.addresses, clientId, replicas }, { timing, ...kafka });
    opened.catch(() => {
      opened = undefined;
    });
    return opened;
  }

  const through = <T>(ask: (log: EventLog) => Promise<T>): Promise<T> =>
    life.through((async () => ask(await open()))());

  return {
    topics: () => through((log) => log.topics()),
    declare: (topics) => through((log) => log.declare(topics)),
    endOffsets: (topic) => through((log) => log.endOffsets(topic)),
    committedOffsets: (group, topic) => through((log) => log.committedOffsets(group, topic)),
    async append(at, events) {
      const ids = events.map(({ id }) => id);
      const offsets = await through((log) => log.append(at, events));
      acknowledged.push(...offsets.map((offset, i) => ({ ...at, id: ids[i]!, offset })));
      tell(life.who, `stored ${at.topic} ${at.partition}: ${ids.join(' ')}`);
      return offsets;
    },
    join: (member) => through((log) => log.join(member)),
    follow: (follower) => through((log) => log.follow(follower)),
    async *read(ranges) {
      const log = await life.through((async () => open())());
      const batches = log.read(ranges)[Symbol.asyncIterator]();
      for (;;) {
        const next = await life.through(batches.next());
        if (next.done) return;
        yield next.value;
      }
    },
    async close() {
      closed = true;
      const log = await opened?.catch(() => undefined);
      if (log) await life.through(log.close());
    },
  };
}
