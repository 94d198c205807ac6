import { latestSelectedRound } from '../../src/learning/campaign/campaign-step.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { ResultStore } from '../../src/ports/result-store.ts';
import type { Publisher } from '../../src/runtime/publisher.ts';
import type { Service, ServicePorts } from '../../src/runtime/service.ts';
import { type RestoringParts, restorePredictions } from './prediction-restoring.ts';
import { createPredictionStorage, type PredictionStorage } from './prediction-storage.ts';
import type { StoredPredictions } from './stored-predictions.ts';

export interface PredictionKeepingParts extends Omit<RestoringParts, 'storage' | 'stored'> {
  readonly ports: ServicePorts;
  readonly publisher: Publisher;
  readonly results: ResultStore;
  readonly stored: StoredPredictions;
  readonly onFailure: (error: unknown) => void;
}

/** Has the result store hold what this shard's partitions predicted, whatever becomes of the tables. */
export interface PredictionKeeping extends Service {
  readonly storage: PredictionStorage;
  /** Queues what is known to be lacking; the first time, asks the store too. */
  restore(): void;
  /** Resolves when the store has been asked, and all that was queued is stored or given up. */
  idle(): Promise<void>;
}

/** How long predictions may be missing, or the store out of reach, before they are made anew. */
const CHECK_MS = 300_000;

export function createPredictionKeeping(parts: PredictionKeepingParts): PredictionKeeping {
  const { ports, states, results, stored, publisher } = parts;
  const stopping = new AbortController();
  let checks: Promise<void> | undefined;
  /** Before, all old rounds would seem to be lacking. */
  let isChecked = false;
  let firstCheck = Promise.resolve();
  /** The store may be closed before what is queued: whoever starts next finds it lacking and stores it. */
  const fail = (error: unknown) => {
    if (!stopping.signal.aborted) parts.onFailure(error);
  };
  const storage = createPredictionStorage({
    ...{ results, publisher, stored, context: ports },
    latestRound: (campaign) => latestSelectedRound(states.state(campaign)),
    onFailure(error) {
      fail(error);
      // What was dropped is laid out again by whoever asks for it; a store that is away is asked in a while.
      if (error instanceof AppError && error.code === 'storage_lost') void check();
    },
  });
  const restoring: RestoringParts = { ...parts, storage };

  async function check(): Promise<void> {
    try {
      for (const campaign of states.names()) await stored.check(campaign, states.state(campaign), results);
      isChecked = true;
    } catch (error) {
      // The tables are for people: nothing of the loop ends with them.
      fail(error);
    }
    if (isChecked && !stopping.signal.aborted) restorePredictions(restoring);
  }

  async function checkOnAndOn(): Promise<void> {
    await firstCheck;
    for (;;) {
      await ports.clock.sleep(CHECK_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await check();
    }
  }

  return {
    storage,
    restore() {
      if (checks === undefined) {
        firstCheck = check();
        checks = checkOnAndOn();
      } else if (isChecked) restorePredictions(restoring);
    },
    async idle() {
      await firstCheck;
      await storage.idle();
    },
    failed: new Promise<never>(() => {}),
    async stop() {
      stopping.abort();
      await checks;
    },
  };
}
