import type { Featurizer } from '../../src/ports/featurizer.ts';
import type { ModelStore } from '../../src/ports/model-store.ts';
import type { ResultReader } from '../../src/ports/result-store.ts';
import type { Gateway } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import type { ServicePorts } from '../../src/runtime/service.ts';
import { createAsking } from './asking.ts';
import { createByteBudget } from './byte-budget.ts';
import { createClosedSources } from './closed-sources.ts';
import { createHandingOut, type WorkLeases } from './handing-out.ts';
import { createLogReading } from './log-reading.ts';
import { createPredictions } from './predictions.ts';
import { createStoredBytes } from './stored-bytes.ts';
import { createSubmission } from './submission.ts';
import { createTelling } from './telling.ts';

export interface GatewayParts {
  readonly ports: ServicePorts;
  readonly models: ModelStore;
  /** Keeps track of who calculates what; absent where nothing runs. */
  readonly control?: WorkLeases;
  /** Featurizes the structures of predictions. */
  readonly featurizer: Pick<Featurizer, 'featurize'>;
  /** Absent if the gateway serves no queries. */
  readonly results?: Pick<ResultReader, 'query'>;
  /**
   * Limits. Default: 4096 unanswered items and 8 MiB not yet in the log per submission, 128 MiB for all submissions.
   */
  readonly submitBounds?: { readonly items?: number; readonly streamBytes?: number; readonly bytes?: number };
}

const ITEMS_MAX = 4096;
const STREAM_BYTES_MAX = 8 * 2 ** 20;
const BYTES_MAX = 128 * 2 ** 20;

/**
 * Creates the entry point for people and programs: their submissions go to the log, and what they read comes from it.
 */
export function createGateway(parts: GatewayParts): Gateway {
  const { ports, submitBounds } = parts;
  const { log, topics, telemetry } = ports;
  const { items: itemsMax = ITEMS_MAX, streamBytes: streamBytesMax = STREAM_BYTES_MAX } = submitBounds ?? {};
  const budget = createByteBudget(submitBounds?.bytes ?? BYTES_MAX, {
    held: (bytes) => telemetry?.submissionsHeld({ bytes }),
    full: () => telemetry?.limitReached({ limit: 'limits.submit_bytes' }),
  });
  const publisher = createPublisher(ports, 'ingestion');
  const closed = createClosedSources(log, topics);
  return {
    ...createLogReading(log, topics),
    ...createStoredBytes({ ...parts, clock: ports.clock }),
    Predict: createPredictions(parts),
    Ask: createAsking(ports),
    Work: createHandingOut(ports, parts.control),
    Tell: createTelling(ports, publisher),
    Submit: createSubmission({
      topics,
      publisher,
      closed,
      clock: ports.clock,
      bounds: { itemsMax, streamBytesMax, budget },
    }),
  };
}
