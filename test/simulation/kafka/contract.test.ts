import { afterEach, describe } from 'vitest';
import { openKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { eventLogContract } from '../../contract/event-log.contract.ts';
import { CALM } from '../../support/simulation/fault-rates.ts';
import { createSimulatedKafka } from '../../support/simulation/kafka/simulated-kafka.ts';
import { createSeededRandom } from '../../support/simulation/seeded-random.ts';
import { createSurroundings } from '../../support/simulation/surroundings.ts';
import { createVirtualClock, type VirtualClock } from '../../support/simulation/virtual-clock.ts';

/** The same suite runs on real brokers: simulated brokers must behave alike. */
describe('event log on simulated brokers', () => {
  let isOver = false;
  afterEach(() => {
    isOver = true;
  });
  /** The suite waits in real time; meanwhile the world's time advances faster. */
  const pass = async (clock: VirtualClock) => {
    while (!isOver) {
      await clock.advance(10);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };

  eventLogContract(async () => {
    isOver = false;
    const clock = createVirtualClock();
    const around = createSurroundings(clock, createSeededRandom(1), CALM, {});
    const kafka = createSimulatedKafka(around, 3);
    void pass(clock);
    return {
      open: () => openKafkaEventLog({ brokers: kafka.addresses, clientId: 'tested' }, { timing: clock, ...kafka }),
      remove: async () => {},
    };
  });
});
