import { describe, it } from 'vitest';
import { hasContainerEngine } from '../clickhouse/clickhouse-container.ts';
import { missingForClickHouse } from '../clickhouse/clickhouse-server.ts';
import { missingForBrokers } from '../kafka/broker-jars.ts';
import { library } from '../lightgbm.ts';
import { provideNatsServer } from '../nats/nats-server-binary.ts';

const noDownload = async () => {
  throw new Error('tests do not download; the global set-up does');
};
const hasEngine = await hasContainerEngine();
const nats = process.env.NATS_URL !== undefined || (await provideNatsServer(noDownload).catch(() => undefined));

/** A `describe` that needs all servers of a cluster: else one skipped test that says which is missing; in CI a failure. */
export function describeWithCluster(name: string, body: () => void): void {
  const lacking = [
    process.env.KAFKA_BROKERS === undefined ? missingForBrokers() : undefined,
    nats ? undefined : 'nats-server is not here: install pip, which fetches it',
    process.env.CLICKHOUSE_URL === undefined && !hasEngine ? missingForClickHouse() : undefined,
    library === undefined ? "LightGBM's library is not there: 'elastream doctor' fetches it" : undefined,
  ].filter((reason) => reason !== undefined);
  const standIn = process.env.CLICKHOUSE_URL === undefined && !hasEngine ? ", ClickHouse made from chdb's library" : '';
  if (lacking.length === 0) describe(`${name}${standIn}`, body);
  else if (process.env.ELASTREAM_CI === undefined) it.skip(`${name} (skipped: ${lacking.join('; ')})`);
  else {
    it(name, () => {
      throw new Error(`${lacking.join('; ')}; CI must have it (unset ELASTREAM_CI to skip)`);
    });
  }
}
