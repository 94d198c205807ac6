import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nkeys } from 'nats';
import { startClickHouseServer } from '../../../deploy/local/clickhouse/clickhouse-server.ts';
import { freePorts } from '../../../deploy/local/free-ports.ts';
import { startKafkaCluster } from '../../../deploy/local/kafka/kafka-cluster.ts';
import { startNatsServer } from '../../../deploy/local/nats/nats-server.ts';
import { provideNatsServer } from '../../../deploy/local/nats/nats-server-binary.ts';
import type { ServicesPlan } from '../../../deploy/local/running-cluster.ts';
import { READING_USER } from '../../../src/adapters/chdb/engine-users.ts';
import { certificateAuthority, type IssuedCertificate } from '../certificates.ts';
import { securedListener } from '../kafka/secured-listener.ts';
import { startTlsDoor } from './tls-door.ts';

/** Servers that admit nobody without TLS and credentials. */
export interface SecuredServers {
  readonly servers: ServicesPlan['servers'];
  /** The environment of a service or of the command line, with the certificate of this identity. */
  environment(identity: string): Record<string, string>;
  /** Issued by the authority that all sides trust. */
  certificate(identity: string): IssuedCertificate;
  /** Writes a secret to a file and returns its path. */
  secretFile(name: string, secret: string): string;
  /** The brokers' plain listener, to read the log without the services. */
  readonly plainBrokers: readonly string[];
  stop(): Promise<void>;
}

const KAFKA_USER = { username: 'elastream', password: 'right for Kafka' };
const CLICKHOUSE_USER = { username: 'elastream', password: 'right for ClickHouse' };
const READER_PASSWORD = 'right for reading';

export async function startSecuredServers(directory: string): Promise<SecuredServers> {
  const folder = join(directory, 'secrets');
  mkdirSync(folder);
  const issue = certificateAuthority(folder);
  const issued = new Map<string, IssuedCertificate>();
  const certificate = (identity: string) => {
    const known = issued.get(identity) ?? issue(identity);
    issued.set(identity, known);
    return known;
  };
  const secretFile = (name: string, secret: string) => {
    const file = join(folder, name);
    writeFileSync(file, `${secret}\n`, { mode: 0o600 });
    return file;
  };
  const stops: (() => Promise<unknown>)[] = [];
  const started = <T extends { stop(): Promise<unknown> }>(server: T): T => {
    stops.push(() => server.stop());
    return server;
  };
  const stop = async () => {
    for (const one of stops.toReversed()) await one();
  };
  try {
    const secured = securedListener(folder, { certificate: certificate('kafka'), user: KAFKA_USER, clients: 'none' });
    const kafka = started(await startKafkaCluster(1, { secured }));
    const user = nkeys.createUser();
    certificate('nats');
    const file = (name: string) => JSON.stringify(join(folder, name));
    const natsTls = `tls { cert_file: ${file('nats.crt')}, key_file: ${file('nats.key')} }`;
    const allowed = `authorization { users = [ { nkey: ${user.getPublicKey()} } ] }`;
    const nats = started(await startNatsServer(await provideNatsServer(), `${natsTls}\n${allowed}`));
    const [port] = await freePorts(1);
    const logFile = join(directory, 'clickhouse.log');
    const users = { writer: CLICKHOUSE_USER, readerPassword: READER_PASSWORD };
    const engine = { port: port!, directory: join(directory, 'clickhouse'), logFile, users };
    const clickhouse = started(startClickHouseServer(engine));
    await clickhouse.ready();
    const door = started(await startTlsDoor(`http://127.0.0.1:${port}`, certificate('clickhouse')));
    const ca = join(folder, 'authority.crt');
    const common = {
      KAFKA_CA_FILE: ca,
      KAFKA_USERNAME: KAFKA_USER.username,
      KAFKA_PASSWORD_FILE: secretFile('kafka-password', KAFKA_USER.password),
      NATS_CA_FILE: ca,
      NATS_NKEY_SEED_FILE: secretFile('nats-seed', Buffer.from(user.getSeed()).toString()),
      CLICKHOUSE_CA_FILE: ca,
      CLICKHOUSE_USERNAME: CLICKHOUSE_USER.username,
      CLICKHOUSE_PASSWORD_FILE: secretFile('clickhouse-password', CLICKHOUSE_USER.password),
      CLICKHOUSE_READER_USERNAME: READING_USER,
      CLICKHOUSE_READER_PASSWORD_FILE: secretFile('clickhouse-reader-password', READER_PASSWORD),
      ELASTREAM_GRPC_CA_FILE: ca,
    };
    return {
      servers: {
        brokers: kafka.secured,
        replicas: 1,
        // A host name, because NATS' client does not compare IP addresses with a certificate.
        natsUrl: nats.url.replace('127.0.0.1', 'localhost'),
        clickhouseUrl: door.url,
      },
      plainBrokers: kafka.brokers,
      environment(identity) {
        certificate(identity);
        return {
          ...common,
          ELASTREAM_GRPC_CERTIFICATE_FILE: join(folder, `${identity}.crt`),
          ELASTREAM_GRPC_KEY_FILE: join(folder, `${identity}.key`),
        };
      },
      certificate,
      secretFile,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
