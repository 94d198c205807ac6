import type { ModelStore } from '../../src/ports/model-store.ts';
import type { ResultReader } from '../../src/ports/result-store.ts';
import type { Gateway } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import type { ServicePorts } from '../../src/runtime/service.ts';
import { createClosedSources } from './closed-sources.ts';
import { createLogReading } from './log-reading.ts';
import { createPredictions } from './predictions.ts';
import { createStoredBytes } from './stored-bytes.ts';
import { createSubmission } from './submission.ts';

export interface GatewayParts {
  readonly ports: ServicePorts;
  readonly models: ModelStore;
  /** Absent where nobody asks for tables. */
  readonly results?: Pick<ResultReader, 'query'>;
  /** Items of one submission that have been taken and not answered; 1024 unless told. */
  readonly submitUnacknowledgedMax?: number;
}

const UNACKNOWLEDGED_MAX = 1024;

/** The way in for people and programs: what they submit goes to the log, and what they read comes from it. */
export function createGateway(parts: GatewayParts): Gateway {
  const { ports, submitUnacknowledgedMax: unacknowledgedMax = UNACKNOWLEDGED_MAX } = parts;
  const { log, topics } = ports;
  const publisher = createPublisher(ports, 'ingestion');
  const closed = createClosedSources(log, topics);
  return {
    ...createLogReading(log, topics),
    ...createStoredBytes(parts),
    Predict: createPredictions(parts),
    Submit: createSubmission({ topics, publisher, closed, unacknowledgedMax }),
  };
}
