import { describe, expect, it } from 'vitest';
import { createGateway } from '../../../services/gateway/gateway.ts';
import { createRemoteLogReader } from '../../../src/adapters/gateway/remote-log-reader.ts';
import { systemClock } from '../../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../../src/adapters/in-process/system-random.ts';
import { openEventLog } from '../../../src/adapters/lmdb/event-log.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type { EventLog } from '../../../src/ports/event-log.ts';
import type { Gateway } from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { eventLogContract } from '../../contract/event-log.contract.ts';
import { scratchDirectory } from '../../support/scratch.ts';
import { SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';

/** Written by itself, read and followed through its gateway. */
function readThroughGateway(log: EventLog): EventLog {
  const ports = { log, topics: SIMULATED_TOPICS, clock: systemClock, random: systemRandom };
  const remote = createRemoteLogReader(createGateway({ ports, models: undefined as never }));
  return { ...log, ...remote, close: () => remote.close().then(log.close) };
}

describe('event log read through a gateway', () => {
  eventLogContract(async () => {
    const { path, remove } = scratchDirectory();
    return { open: async () => readThroughGateway(openEventLog({ directory: path })), remove };
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
});
