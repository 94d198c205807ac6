import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startKafkaCluster } from '../deploy/local/kafka/kafka-cluster.ts';
import { startNatsServer } from '../deploy/local/nats/nats-server.ts';
import { provideNatsServer } from '../deploy/local/nats/nats-server-binary.ts';
import { startServices } from '../deploy/local/running-cluster.ts';
import { scratchDirectory } from '../deploy/local/scratch.ts';
import { systemClock } from '../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../src/adapters/in-process/system-random.ts';
import { openKafkaEventLog } from '../src/adapters/kafka/event-log.ts';
import { connectNats } from '../src/adapters/nats/connect.ts';
import { openControlPlane } from '../src/adapters/nats/control-plane.ts';
import { openModelStore } from '../src/adapters/nats/model-store.ts';
import { featureSchemaId } from '../src/featurizers/feature-schema.ts';
import { createTopics, MATERIAL_PARTITIONS } from '../src/model/topics.ts';
import type { ServiceNode } from '../src/ports/control-plane.ts';
import type { RoutedEvent } from '../src/protocol/event-routes.ts';
import { createPublisher } from '../src/runtime/publisher.ts';

const EVENTS_PER_APPEND = 2048;

/** Starts one broker and NATS, and on request training shards as separate processes, without tables. */
export async function startShardWorld() {
  const scratch = scratchDirectory();
  const [kafka, nats] = await Promise.all([startKafkaCluster(1), provideNatsServer().then(startNatsServer)]);
  const link = await connectNats({ servers: [nats.url], name: 'bench' });
  const [control, models] = [openControlPlane({ link }), openModelStore({ link })];
  const log = await openKafkaEventLog({ brokers: kafka.brokers, clientId: 'bench', replicas: 1, flush: false });
  const topics = createTopics({ featureSchema: featureSchemaId('primitive') });
  await log.declare(Object.values(topics));
  const ports = { log, topics, clock: systemClock, random: systemRandom };
  const publisher = createPublisher(ports, 'bench');

  /** Waits until this many partitions are held, and returns the training shards that hold them. */
  async function shardsThatHold(partitions: number): Promise<readonly ServiceNode[]> {
    for (;;) {
      const nodes = (await control.nodes()).filter(({ service }) => service === 'training-shard');
      const held = new Set(nodes.flatMap((node) => node.partitions ?? []));
      const sum = nodes.reduce((total, node) => total + (node.partitions?.length ?? 0), 0);
      if (held.size === partitions && sum === partitions) return nodes;
      await sleep(50);
    }
  }

  return {
    log,
    topics,
    models,
    publisher,
    async fill(events: Iterable<RoutedEvent>): Promise<void> {
      let waiting: RoutedEvent[] = [];
      const flush = () => publisher.publish(waiting.map((event) => ({ event })));
      for (const event of events) {
        if (waiting.push(event) < EVENTS_PER_APPEND) continue;
        await flush();
        waiting = [];
      }
      await flush();
    },
    /** Starts shards. Resolves with the time until all partitions have been read and can be ranked. */
    async startShards(count: number) {
      const begun = performance.now();
      const none = { ingestion: 0, featurization: 0, acquisition: 0, calculation: 0, projection: 0, gateway: 0 };
      const cluster = await startServices({
        dist: resolve(import.meta.dirname, '../dist'),
        directory: scratch.path,
        servers: { brokers: kafka.brokers, natsUrl: nats.url, clickhouseUrl: '', replicas: 1 },
        counts: { ...none, 'training-shard': count },
      });
      await cluster.ready();
      let nodes = await shardsThatHold(MATERIAL_PARTITIONS);
      // Each shard has its share only after the last one has joined.
      while (nodes.length < count || nodes.some((node) => node.partitions!.length !== MATERIAL_PARTITIONS / count)) {
        await sleep(50);
        nodes = await shardsThatHold(MATERIAL_PARTITIONS);
      }
      return { cluster, nodes, seconds: (performance.now() - begun) / 1000 };
    },
    /** Resolves when the shards have handled all labels and features and committed their offsets. */
    async handled(): Promise<void> {
      for (const { name } of [topics.labels, topics.features]) {
        for (;;) {
          const [ends, committed] = await Promise.all([
            log.endOffsets(name),
            log.committedOffsets('training-shard', name),
          ]);
          if (ends.every((end, partition) => end === committed[partition])) break;
          await sleep(100);
        }
      }
    },
    async stop(): Promise<void> {
      await log.close();
      await control.close();
      await models.close();
      await link.close();
      await Promise.all([kafka.stop(), nats.stop()]);
      await scratch.remove();
    },
  };
}

export interface ProcessUse {
  readonly cpuSeconds: number;
  readonly rssMb: number;
  readonly peakMb: number;
}

export function processUse(pid: number): ProcessUse {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (name: string) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]) / 1000);
  const times = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return { rssMb: mb('VmRSS'), peakMb: mb('VmHWM'), cpuSeconds: (Number(times[11]) + Number(times[12])) / 100 };
}
