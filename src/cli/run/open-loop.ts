import { availableParallelism, hostname } from 'node:os';
import { resolve } from 'node:path';
import { startEmbedded } from '../../../services/embedded/embedded.ts';
import { openCalculators } from '../../../services/wiring/open-calculators.ts';
import { createControlPlane } from '../../adapters/in-process/control-plane.ts';
import { engineFingerprint } from '../../adapters/in-process/engine-fingerprint.ts';
import { systemClock } from '../../adapters/in-process/system-clock.ts';
import { systemRandom } from '../../adapters/in-process/system-random.ts';
import { provideLightGbmLibrary } from '../../adapters/lightgbm/provide-library.ts';
import { createLightGbmRegressor } from '../../adapters/lightgbm/regressor.ts';
import { openEventLog } from '../../adapters/lmdb/event-log.ts';
import { openModelStore } from '../../adapters/lmdb/model-store.ts';
import { createWorkerFeaturizer } from '../../adapters/worker-threads/featurizer.ts';
import type { FeatureSet } from '../../featurizers/feature-schema.ts';
import { AppError } from '../../model/app-error.ts';
import type { ResultStore } from '../../ports/result-store.ts';
import { logTopics, loopSchema, schemaFor } from '../../runtime/log-topics.ts';
import { retrying } from '../../runtime/retry.ts';
import { grouped } from '../../text/progress-text.ts';
import { DIRECTORY_WRITER, directoryPlaces } from '../campaign/campaign-directory.ts';
import { openEmbeddedResultStore } from '../embedded-result-store.ts';
import { createProcessLink } from '../place/process-link.ts';
import { serveDirectory } from '../place/serve-directory.ts';
import { serveNetwork } from '../serve/serve-network.ts';
import type { HostLink } from './campaign-host.ts';

export interface LoopOptions {
  /** Threads that featurize, and boosters that train, side by side; as many as there are cores unless told. */
  readonly workers?: number;
  /** Of each campaign, the rounds whose models are kept; 1 unless told. */
  readonly keepModels?: number;
  /** Whether to fill the tables that `elastream sql` asks. */
  readonly tables: boolean;
  readonly note: (line: string) => void;
  /** What the campaign wants of a new directory's features. */
  readonly features?: FeatureSet | undefined;
  /** Programs that campaigns may start where a network address is served; without one, any. */
  readonly programs?: readonly string[] | 'any';
  /** A network address at which to serve programs too: `host:port`. */
  readonly listen?: string;
}

/** The loop of a directory, in this process. */
export interface OpenLoop extends HostLink {
  /** Where programs call it, if it listens. */
  readonly url?: string;
}

/** In the built program. */
const FEATURIZE_WORKER = new URL('../../../services/featurization/featurize-worker.js', import.meta.url);

/**
 * Opens a directory and starts the whole loop on it.
 * @throws AppError `dependency_missing` without LightGBM, `storage_locked` where another process has the directory,
 *   `storage_incompatible`, `unavailable` where the address is taken
 */
export async function openLoop(directory: string, options: LoopOptions): Promise<OpenLoop> {
  const places = directoryPlaces(directory);
  const closers: (() => Promise<void>)[] = [];
  const opened = <T extends { close(): Promise<void> }>(part: T): T => {
    closers.push(() => part.close());
    return part;
  };
  const close = async () => {
    const closing = closers.splice(0).toReversed();
    const failures: unknown[] = [];
    // One that fails must not keep the others open.
    for (const closer of closing) await closer().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    const library = await provideLightGbmLibrary();
    const log = opened(openEventLog({ directory: places.log }));
    const models = opened(openModelStore({ directory: places.models }));
    const control = opened(createControlPlane(systemClock));
    const workers = options.workers ?? availableParallelism();
    const regressor = opened(createLightGbmRegressor({ library, workers }));
    const topics = await logTopics(log, schemaFor(options.features));
    const featureSchema = loopSchema(topics);
    const featurizer = opened(createWorkerFeaturizer({ script: FEATURIZE_WORKER, workers, featureSchema }));
    const results = options.tables ? await openTables(places.results, options.note) : undefined;
    if (results) opened(results);
    const ports = { log, topics, clock: systemClock, random: systemRandom };
    const loop = await startEmbedded({
      ...{
        ports,
        control,
        models,
        regressor,
        featurizer,
        calculator: openCalculators(ports, {
          base: resolve(directory, 'runs'),
          allowed: options.listen === undefined ? 'any' : (options.programs ?? []),
          node: `${hostname()}-${process.pid}`,
          onTrouble: options.note,
        }),
        writer: DIRECTORY_WRITER,
      },
      ...(results && { results }),
      ...(options.keepModels !== undefined && { keepModels: options.keepModels }),
      engine: engineFingerprint(regressor.engine),
      onStorageFailure: (error) => options.note(`predictions were not stored: ${(error as Error).message}`),
      onRowsLacking: (events) =>
        options.note(`the tables lacked what ${grouped(events)} events say: it has been stored again`),
      onCalculationsWaiting: (why) => options.note(`calculations wait: ${why}`),
    });
    closers.push(() => loop.stop());
    const server = await serveDirectory(directory, loop);
    closers.push(() => server.close());
    const onError = (error: unknown) => options.note(`a call failed: ${(error as Error).message}`);
    const network =
      options.listen === undefined
        ? undefined
        : opened(await serveNetwork(loop, { address: options.listen, environment: process.env, onError }));
    const { failed, tablesComplete } = loop;
    return {
      ...createProcessLink(loop),
      isOwn: true,
      failed,
      tablesComplete,
      close,
      ...(network && { url: network.url }),
    };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

/** The engine of a run that was killed a moment ago may still be ending, and a query has the tables for its time. */
const TABLES_POLICY = { attemptsMax: 10, firstDelayMs: 50, delayMsMax: 2_000 };

/** Without chdb everything works but `elastream sql`. */
async function openTables(directory: string, note: (line: string) => void): Promise<ResultStore | undefined> {
  try {
    return await retrying(
      { clock: systemClock, random: systemRandom },
      () => openEmbeddedResultStore(directory),
      TABLES_POLICY,
    );
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    note(`no tables for elastream sql: ${error.message}`);
    return undefined;
  }
}
