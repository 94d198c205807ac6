import { connectClickHouse } from '../../src/adapters/clickhouse/connect.ts';
import { createResultReader } from '../../src/adapters/clickhouse/result-reader.ts';
import { openResultStore } from '../../src/adapters/clickhouse/result-store.ts';
import type { PemTexts } from '../../src/adapters/kafka/client-config.ts';
import { openKafkaEventLog } from '../../src/adapters/kafka/event-log.ts';
import { connectNats } from '../../src/adapters/nats/connect.ts';
import { openControlPlane } from '../../src/adapters/nats/control-plane.ts';
import { openModelStore } from '../../src/adapters/nats/model-store.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { ControlPlane } from '../../src/ports/control-plane.ts';
import type { EventLog } from '../../src/ports/event-log.ts';
import type { ModelStore } from '../../src/ports/model-store.ts';
import type { ResultReader, ResultStore } from '../../src/ports/result-store.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { lazyResultStore } from './lazy-result-store.ts';
import { renewedSecret, renewedText } from './secret-files.ts';
import type { ServiceConfig } from './service-config.ts';

/** @throws AppError `unavailable`; `invalid_argument` if a file cannot be read */
export function openLog({ kafka, node }: ServiceConfig): Promise<EventLog> {
  const { brokers, replicas, min_insync_replicas: minInsync, flush, tls, sasl } = kafka;
  return openKafkaEventLog({
    brokers,
    replicas,
    clientId: node,
    ...(minInsync !== undefined && { minInsync }),
    ...(flush !== undefined && { flush }),
    security: {
      ...(tls && { tls: pemTexts(tls) }),
      ...(sasl && {
        sasl: { mechanism: sasl.mechanism, username: sasl.username, password: renewedSecret(sasl.password_file) },
      }),
    },
  });
}

const NATS = { 'messaging.system': 'nats' };

/** Opens the stores in NATS. NATS holds nothing that could not be derived from the log again. */
export async function openNats(
  config: ServiceConfig,
  trace: Tracing,
): Promise<{ readonly control: ControlPlane; readonly models: ModelStore; close(): Promise<void> }> {
  const { nats, node: name } = config;
  if (nats === undefined) throw missing('nats.servers', 'NATS_URL');
  const { servers, namespace, tls, nkey_seed_file: seed, credentials_file: credentialsFile } = nats;
  const link = await connectNats({
    servers,
    name,
    ...(tls && {
      tls: {
        ...(tls.ca_file !== undefined && { caFile: tls.ca_file }),
        ...(tls.certificate_file !== undefined && { certFile: tls.certificate_file }),
        ...(tls.key_file !== undefined && { keyFile: tls.key_file }),
      },
    }),
    ...(seed !== undefined && { credentials: { nkeySeed: renewedSecret(seed) } }),
    ...(credentialsFile !== undefined && { credentials: { credentialsFile } }),
  });
  const control = openControlPlane({ link, namespace });
  const store = openModelStore({ link, namespace });
  const models: ModelStore = {
    ...store,
    put: (model) => trace.inSpan({ name: 'store a model', kind: 'client', attributes: NATS }, () => store.put(model)),
    get: (name) => trace.inSpan({ name: 'fetch a model', kind: 'client', attributes: NATS }, () => store.get(name)),
  };
  const close = async () => {
    await control.close();
    await store.close();
    await link.close();
  };
  return { control, models, close };
}

/** Opens the tables on their first use: no part of the loop waits for them. */
export function openResultsLater(config: ServiceConfig, trace: Tracing): ResultStore {
  const client = connectTables(config, trace);
  return lazyResultStore(() => openResultStore(client));
}

/** Opens the tables for people's queries. Undefined if no tables or no read-only user are configured. */
export function openReading(config: ServiceConfig, trace: Tracing): ResultReader | undefined {
  const { clickhouse } = config;
  return clickhouse?.reader && createResultReader(connectTables(config, trace, clickhouse.reader));
}

/** Opens the tables, for a service that only serves them. */
export function openResults(config: ServiceConfig, trace: Tracing): Promise<ResultStore> {
  return openResultStore(connectTables(config, trace));
}

type Tracing = Pick<Telemetry, 'startSpan' | 'inSpan'>;
type TableUser = Pick<NonNullable<ServiceConfig['clickhouse']>, 'username' | 'password_file'>;

function connectTables({ clickhouse }: ServiceConfig, trace: Tracing, user: TableUser = clickhouse ?? {}) {
  if (clickhouse === undefined) throw missing('clickhouse.url', 'CLICKHOUSE_URL');
  const { url, database, ca_file: caFile } = clickhouse;
  const { username, password_file: passwordFile } = user;
  return connectClickHouse({
    url,
    trace,
    ...(username !== undefined && { username }),
    ...(database !== undefined && { database }),
    ...(passwordFile !== undefined && { password: renewedSecret(passwordFile) }),
    ...(caFile !== undefined && { ca: renewedText(caFile) }),
  });
}

function missing(field: string, variable: string): AppError {
  return new AppError('invalid_argument', `this service needs ${field} (${variable}), which is not configured`);
}

type TlsFiles = NonNullable<ServiceConfig['kafka']['tls']>;

function pemTexts({ ca_file: ca, certificate_file: certificate, key_file: key }: TlsFiles): () => PemTexts {
  const texts = { ca, certificate, key };
  const readers = Object.entries(texts).flatMap(([name, file]) =>
    file === undefined ? [] : [[name, renewedText(file)] as const],
  );
  return () => Object.fromEntries(readers.map(([name, read]) => [name, read()]));
}
