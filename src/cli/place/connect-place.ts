import { startResting } from '../../../services/embedded/resting.ts';
import { createControlPlane } from '../../adapters/in-process/control-plane.ts';
import { systemClock } from '../../adapters/in-process/system-clock.ts';
import { systemRandom } from '../../adapters/in-process/system-random.ts';
import { openEventLog } from '../../adapters/lmdb/event-log.ts';
import { openModelStore } from '../../adapters/lmdb/model-store.ts';
import { findSocket } from '../../adapters/unix-socket/socket-path.ts';
import { AppError } from '../../model/app-error.ts';
import type { EventLogReader } from '../../ports/event-log.ts';
import { logTopics } from '../../runtime/log-topics.ts';
import { assertCampaign, DIRECTORY_WRITER, directoryPlaces } from '../campaign/campaign-directory.ts';
import { isClusterUrl } from '../cluster/cluster-url.ts';
import { connectCluster } from '../cluster/connect-cluster.ts';
import { createProcessLink, type OfferedServices } from './process-link.ts';

/** The services of a place that holds campaigns. The caller need not know who runs them. */
export interface PlaceLink extends OfferedServices {
  readonly log: EventLogReader;
  close(): Promise<void>;
}

/** A process that starts or ends holds the directory for a moment without a socket. */
const LOOKS_MAX = 20;
const LOOK_AGAIN_MS = 250;

/**
 * Connects to a cluster, or to the process that runs a directory. If no process runs it, this process holds it meanwhile.
 * @throws AppError `invalid_argument` if there is no campaign, `storage_locked` if a process holds the directory and does
 *   not answer
 */
export async function connectPlace(place: string): Promise<PlaceLink> {
  if (isClusterUrl(place)) return connectCluster(place);
  assertCampaign(place);
  for (let looks = 1; ; looks++) {
    const socket = await findSocket(place);
    if (socket !== undefined) return connectCluster(`unix:${socket}`);
    try {
      return await openResting(place);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'storage_locked' || looks === LOOKS_MAX) throw error;
    }
    await systemClock.sleep(LOOK_AGAIN_MS);
  }
}

async function openResting(directory: string): Promise<PlaceLink> {
  const places = directoryPlaces(directory);
  const log = openEventLog({ directory: places.log });
  const closers = [log.close];
  const close = async () => {
    for (const closer of closers.toReversed()) await closer();
  };
  try {
    const models = openModelStore({ directory: places.models });
    closers.push(models.close);
    const control = createControlPlane(systemClock);
    const ports = { log, topics: await logTopics(log), clock: systemClock, random: systemRandom };
    const loop = await startResting({ ports, control, models, writer: DIRECTORY_WRITER });
    closers.push(loop.stop);
    return { ...createProcessLink(loop), close };
  } catch (error) {
    await close();
    throw error;
  }
}
