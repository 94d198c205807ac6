import type { Calculator } from '../../src/ports/calculator.ts';
import type { ControlPlane } from '../../src/ports/control-plane.ts';
import type { Featurizer } from '../../src/ports/featurizer.ts';
import type { ModelStore } from '../../src/ports/model-store.ts';
import type { Regressor } from '../../src/ports/regressor.ts';
import type { ResultStore } from '../../src/ports/result-store.ts';
import type { Campaigns, Gateway } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { withoutLag } from '../../src/runtime/group-lag.ts';
import { loopSchema } from '../../src/runtime/log-topics.ts';
import { retrying } from '../../src/runtime/retry.ts';
import { combineServices, type Service, type ServicePorts } from '../../src/runtime/service.ts';
import { type RunningAcquisition, startAcquisition } from '../acquisition/acquisition.ts';
import { createCampaignCalls } from '../acquisition/campaign-calls.ts';
import { startCalculation } from '../calculation/calculation.ts';
import { startFeaturization } from '../featurization/featurization.ts';
import { createGateway } from '../gateway/gateway.ts';
import { startIngestion } from '../ingestion/ingestion.ts';
import { PROJECTION_GROUP, projectedTopics, startProjection } from '../projection/projection.ts';
import { startTrainingShard } from '../training-shard/training-shard.ts';

export interface EmbeddedOptions {
  readonly ports: ServicePorts;
  readonly control: ControlPlane;
  readonly models: ModelStore;
  readonly regressor: Regressor;
  readonly featurizer: Featurizer;
  readonly calculator: Calculator;
  /** Absent where nobody asks for tables. */
  readonly results?: ResultStore;
  readonly writer: string;
  /** As for a training shard. */
  readonly keepModels?: number;
  /** Architecture, Node major, LightGBM hash, code version. */
  readonly engine: string;
  readonly onStorageFailure?: (error: unknown) => void;
  readonly onCalculationsWaiting?: (why: string) => void;
  /** Told of how many events the tables lacked rows, once they have been stored again. */
  readonly onRowsLacking?: (events: number) => void;
}

export interface EmbeddedLoop extends Service {
  readonly acquisition: RunningAcquisition;
  /** What a cluster's gateway offers. */
  readonly gateway: Gateway;
  readonly campaigns: Campaigns;
  /** Resolves when the tables hold all that has happened so far, or a part of it was given up. */
  tablesComplete(): Promise<void>;
}

/** The whole loop in one process: the very handlers of the cluster, with direct calls between them. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedLoop> {
  const { ports, control, results, calculator, writer, onCalculationsWaiting: onWaiting } = options;
  const { onRowsLacking: onLacking } = options;
  const parts: Service[] = [];
  const started = async <T extends Service>(starting: Promise<T>): Promise<T> => {
    const part = await starting;
    parts.push(part);
    return part;
  };
  try {
    await retrying(ports, () => ports.log.declare(Object.values(ports.topics)));
    const shard = await started(startTrainingShard(options));
    await started(startFeaturization(ports, options.featurizer));
    await started(startIngestion(ports));
    await started(startCalculation(ports, { calculator, ...(onWaiting && { onWaiting }) }));
    const projection = results && (await started(startProjection(ports, results, { ...(onLacking && { onLacking }) })));
    const acquisition = await started(
      startAcquisition({ ports, control, writer, shards: shard.calls, featureSchema: loopSchema(ports.topics) }),
    );
    const tablesComplete = async () => {
      await shard.predictionsStored();
      await projection?.filled();
      if (results) await withoutLag(ports, PROJECTION_GROUP, projectedTopics(ports.topics));
    };
    const gateway = createGateway(options);
    return {
      ...combineServices(parts),
      acquisition,
      gateway,
      campaigns: createCampaignCalls(acquisition),
      tablesComplete,
    };
  } catch (error) {
    await combineServices(parts).stop();
    throw error;
  }
}
