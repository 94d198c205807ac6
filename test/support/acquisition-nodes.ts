import { scratchDirectory } from '../../deploy/local/scratch.ts';
import { type RunningAcquisition, startAcquisition } from '../../services/acquisition/acquisition.ts';
import { createCampaignCalls } from '../../services/acquisition/campaign-calls.ts';
import { createControlPlane } from '../../src/adapters/in-process/control-plane.ts';
import { systemClock } from '../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../src/adapters/in-process/system-random.ts';
import { openEventLog } from '../../src/adapters/lmdb/event-log.ts';
import { nameIds } from '../../src/learning/campaign/round-snapshot.ts';
import type { ControlPlane } from '../../src/ports/control-plane.ts';
import type { EventLog } from '../../src/ports/event-log.ts';
import type { Campaigns, TrainingShard } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { rangesToEnd } from '../../src/reading/ranges-to-end.ts';
import { decodeRecords } from '../../src/runtime/decode-records.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import type { ServicePorts } from '../../src/runtime/service.ts';
import { DATA, exampleOf, featurized, materialName } from './catalogues.ts';
import { collected } from './events.ts';
import { SIMULATED_TOPICS } from './simulation/service-world.ts';

const NO_SHARD: TrainingShard = { Rank: () => Promise.reject(new Error('nobody asks')) as never };
const { topics, ...localPorts } = { topics: SIMULATED_TOPICS, clock: systemClock, random: systemRandom };

export interface AcquisitionNode {
  readonly acquisition: RunningAcquisition;
  readonly calls: Campaigns;
}

/** Nodes that control campaigns, over a log on this machine's disk that holds the source DATA with its features. */
export interface AcquisitionPlace {
  readonly ports: ServicePorts;
  start(writer: string, change?: Partial<ControlPlane>, log?: Partial<EventLog>): Promise<AcquisitionNode>;
  /** The types of the events in the campaigns' stream, in order. */
  stream(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openAcquisitionPlace(): Promise<AcquisitionPlace> {
  const { path: directory, remove } = scratchDirectory();
  const log = openEventLog({ directory });
  await log.declare(Object.values(topics));
  const ports: ServicePorts = { ...localPorts, topics, log };
  await bringFeatures(ports);
  const control = createControlPlane(systemClock);
  const nodes: RunningAcquisition[] = [];
  return {
    ports,
    async start(writer, change = {}, ownLog = {}) {
      const own = { ports: { ...ports, log: { ...log, ...ownLog } }, control: { ...control, ...change } };
      const acquisition = await startAcquisition({ ...own, writer, shards: NO_SHARD, featureSchema: 'test' });
      nodes.push(acquisition);
      return { acquisition, calls: createCampaignCalls(acquisition) };
    },
    async stream() {
      const batches = await collected(log.read(await rangesToEnd(log, topics.campaigns.name)));
      return batches.flatMap((batch) => decodeRecords(batch).received.map(({ event }) => event.type));
    },
    async close() {
      for (const node of nodes) await node.stop();
      await log.close();
      await remove();
    },
  };
}

async function bringFeatures(ports: ServicePorts): Promise<void> {
  const publisher = createPublisher(ports, 'given');
  const features = Array.from({ length: 30 }, (_, i) => featurized({ id: materialName(i) }));
  // The data filters drop the first one for its negative modulus.
  const examples = features.map((one, i) => exampleOf(one, { g_vrh: i === 0 ? -1 : 10 + i, k_vrh: 20 + 2 * i }));
  await publisher.publish([...features, ...examples].map((event) => ({ event })));
  const watermarks = Array.from({ length: topics.features.partitions }, (_, partition) => ({
    ...({ type: 'SourcePartitionCompleted', source: DATA, partition } as const),
    ...nameIds([]),
  }));
  const of = [topics.features, topics.examples];
  await publisher.publish(watermarks.flatMap((event) => of.map((topic) => ({ event, topic }))));
}

/** The content of a campaign file for which DATA suffices. */
export const CAMPAIGN_FILE = {
  name: 'steel',
  data: [{ path: 'elastic.jsonl', label_set: 'known' }],
  candidates: { from: 'data', count: 6 },
  ensemble: { members: 2, booster: { min_data_in_leaf: 2 } },
  acquisition: { strategy: 'random', batch: 2 },
  calculator: { kind: 'replay' },
};
