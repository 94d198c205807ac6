import { scratchDirectory } from '../../deploy/local/scratch.ts';
import { createGateway, type GatewayParts } from '../../services/gateway/gateway.ts';
import { systemClock } from '../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../src/adapters/in-process/system-random.ts';
import { openEventLog } from '../../src/adapters/lmdb/event-log.ts';
import { openModelStore } from '../../src/adapters/lmdb/model-store.ts';
import type { EventRecord } from '../../src/model/event-record.ts';
import type { Topic } from '../../src/model/topics.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { EventLog } from '../../src/ports/event-log.ts';
import type { Gateway } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { rangesToEnd } from '../../src/reading/ranges-to-end.ts';
import type { ServicePorts } from '../../src/runtime/service.ts';
import { directFeaturizer } from './direct-featurizer.ts';
import { collected } from './events.ts';
import { SIMULATED_TOPICS } from './simulation/service-world.ts';

/** A gateway over a log and a model store on this machine's disk. */
export interface GatewayPlace {
  readonly ports: ServicePorts;
  readonly models: GatewayParts['models'];
  readonly gateway: Gateway;
  /** The records of a topic, partition by partition. */
  records(topic: Topic): Promise<EventRecord[]>;
  close(): Promise<void>;
}

/** @param change overrides methods of the log that the gateway sees */
export async function openGatewayPlace(
  parts: Partial<GatewayParts> = {},
  change: (log: EventLog) => Partial<EventLog> = () => ({}),
  clock: Clock = systemClock,
): Promise<GatewayPlace> {
  const { path: directory, remove } = scratchDirectory();
  const log = openEventLog({ directory: `${directory}/log` });
  const models = openModelStore({ directory: `${directory}/models` });
  await log.declare(Object.values(SIMULATED_TOPICS));
  const ports = { topics: SIMULATED_TOPICS, clock, random: systemRandom };
  return {
    ports: { ...ports, log },
    models,
    gateway: createGateway({
      ports: { ...ports, log: { ...log, ...change(log) } },
      models,
      featurizer: directFeaturizer(),
      ...parts,
    }),
    async records({ name }) {
      const batches = await collected(log.read(await rangesToEnd(log, name)));
      return batches.flatMap(({ records }) => records);
    },
    async close() {
      await log.close();
      await models.close();
      await remove();
    },
  };
}
