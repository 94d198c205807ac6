import { hasContainerEngine } from '../../../deploy/local/clickhouse/clickhouse-container.ts';
import { missingForClickHouse } from '../../../deploy/local/clickhouse/clickhouse-server.ts';
import { missingForBrokers } from '../../../deploy/local/kafka/broker-jars.ts';
import { MISSING_LIBRARY } from '../lightgbm.ts';
import { MISSING_NATS } from '../nats/describe-with-nats.ts';
import { describeUnless } from '../needs.ts';

const hasEngine = await hasContainerEngine();

/** A `describe` that needs all servers of a cluster. */
export function describeWithCluster(name: string, body: () => void): void {
  const { KAFKA_BROKERS, NATS_URL, CLICKHOUSE_URL } = process.env;
  const lacking = [
    KAFKA_BROKERS === undefined ? missingForBrokers() : undefined,
    NATS_URL === undefined ? MISSING_NATS : undefined,
    CLICKHOUSE_URL === undefined && !hasEngine ? missingForClickHouse() : undefined,
    MISSING_LIBRARY,
  ].filter((reason) => reason !== undefined);
  const standIn = CLICKHOUSE_URL === undefined && !hasEngine ? ", ClickHouse made from chdb's library" : '';
  describeUnless(lacking.length > 0 ? lacking.join('; ') : undefined, `${name}${standIn}`, body);
}
