import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import { VARIABLES } from '../../../services/wiring/environment.ts';
import { readConfig } from '../../../services/wiring/read-config.ts';

const scratch = scratchDirectory();
afterAll(() => scratch.remove());

const BROKERS = { KAFKA_BROKERS: '127.0.0.1:9092' };

function read(yaml: string, environment: Readonly<Record<string, string>> = BROKERS) {
  const file = join(scratch.path, 'service.yaml');
  writeFileSync(file, yaml);
  return readConfig({ file, environment, node: 'shard-1' });
}

/** The lines that name what is wrong. */
function problems(yaml: string, environment?: Readonly<Record<string, string>>): string[] {
  try {
    read(yaml, environment);
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_argument', retryable: false });
    return (error as Error).message.split('\n').slice(1);
  }
  return [];
}

describe('readConfig', () => {
  it('takes everything from the environment, with the defaults of the rest', () => {
    expect(readConfig({ environment: { ...BROKERS, NATS_URL: 'localhost:4222, [::1]:4222' }, node: 'n' })).toEqual({
      node: 'n',
      kafka: { brokers: ['127.0.0.1:9092'], replicas: 3 },
      nats: { servers: ['localhost:4222', '[::1]:4222'], namespace: 'elastream' },
      grpc: { listen: '127.0.0.1:0' },
      limits: {
        ...{ submit_streams: 8, followers: 64, queries: 4, calls: 64 },
        ...{ submit_stream_bytes: 8 * 2 ** 20, submit_bytes: 128 * 2 ** 20 },
      },
      http: { listen: '127.0.0.1:0' },
      otlp: { ratio: 1 },
      log: { level: 'info' },
      insecure: false,
      keep_models: 1,
      feature_schema: 'elastream-281-v1',
    });
  });

  it('lays the environment over the file, field by field', () => {
    const yaml = 'node: named\nkafka: {brokers: ["127.0.0.1:1"], replicas: 1}\nlog: {level: warn}';
    const { node, kafka, log } = read(yaml, { ...BROKERS, ELASTREAM_LOG_LEVEL: 'debug', KAFKA_REPLICAS: '' });
    expect({ node, kafka, log }).toEqual({
      node: 'named',
      kafka: { brokers: ['127.0.0.1:9092'], replicas: 1 },
      log: { level: 'debug' },
    });
    expect(read('kafka: {}', { ...BROKERS, ELASTREAM_NODE: 'told' }).node).toBe('told');
    expect(read('').node).toBe('shard-1');
  });

  it('is not changed by anybody', () => {
    expect(Object.isFrozen(read(''))).toBe(true);
  });

  it('has a variable of each name for each field that it names, and reads them', () => {
    const texts: Readonly<Record<string, string>> = {
      ...{ KAFKA_BROKERS: '127.0.0.1:1', KAFKA_REPLICAS: '2', KAFKA_SASL_MECHANISM: 'plain', ELASTREAM_INSECURE: '1' },
      ...{ CLICKHOUSE_URL: 'https://127.0.0.1:8443', ELASTREAM_GRPC_LISTEN: '127.0.0.1:2', ELASTREAM_WORKERS: '4' },
      ...{ ELASTREAM_HTTP_LISTEN: '127.0.0.1:3', ELASTREAM_LOG_LEVEL: 'error' },
      ...{ KAFKA_MIN_INSYNC_REPLICAS: '2', KAFKA_FLUSH: '1' },
      ...{ ELASTREAM_SUBMIT_STREAMS: '5', ELASTREAM_FOLLOWERS: '6', ELASTREAM_QUERIES: '7', ELASTREAM_CALLS: '8' },
      ...{ ELASTREAM_SUBMIT_STREAM_BYTES: '2000000', ELASTREAM_SUBMIT_BYTES: '3000000' },
      ...{
        ELASTREAM_GRPC_REFLECTION: '1',
        ELASTREAM_KEEP_MODELS: 'all',
        ELASTREAM_FEATURE_SCHEMA: 'elastream-358-v1',
        ELASTREAM_OTLP_ENDPOINT: 'https://collector:4318',
        ELASTREAM_OTLP_RATIO: '0.5',
      },
    };
    const names = Object.keys(VARIABLES).filter(
      (name) => !['NATS_CREDENTIALS_FILE', 'OTEL_EXPORTER_OTLP_ENDPOINT'].includes(name),
    );
    const config = read('', Object.fromEntries(names.map((name) => [name, texts[name] ?? `of-${name}`])));
    for (const name of names) {
      const { path, read: parsed } = VARIABLES[name]!;
      const value = path.reduce<unknown>((within, key) => (within as Record<string, unknown>)[key], config);
      expect(value, name).toEqual(parsed(texts[name] ?? `of-${name}`));
    }
  });

  it.each([
    [
      '',
      { KAFKA_BROKERS: '' },
      'kafka.brokers (KAFKA_BROKERS) is missing: it must be a list of at least one host:port',
    ],
    [
      '',
      { KAFKA_BROKERS: 'host' },
      'kafka.brokers.0 (KAFKA_BROKERS) must be host:port with a port up to 65535, such as 127.0.0.1:7401, not "host"',
    ],
    ['workers: 0', BROKERS, 'workers (ELASTREAM_WORKERS) must be a whole number from 1 to 256, not 0'],
    [
      '',
      { ...BROKERS, ELASTREAM_WORKERS: '1.5' },
      'workers (ELASTREAM_WORKERS) must be a whole number from 1 to 256, not 1.5',
    ],
    [
      '',
      { ...BROKERS, ELASTREAM_WORKERS: 'all' },
      'workers (ELASTREAM_WORKERS) must be a whole number from 1 to 256, not "all"',
    ],
    [
      '',
      { ...BROKERS, KAFKA_REPLICAS: '10' },
      'kafka.replicas (KAFKA_REPLICAS) must be a whole number from 1 to 9, not 10',
    ],
    [
      'kafka: {replicas: 1}',
      { ...BROKERS, KAFKA_MIN_INSYNC_REPLICAS: '2' },
      'kafka.min_insync_replicas (KAFKA_MIN_INSYNC_REPLICAS) must be at most kafka.replicas, which is 1, not 2',
    ],
    [
      '',
      { ...BROKERS, ELASTREAM_LOG_LEVEL: 'loud' },
      'log.level (ELASTREAM_LOG_LEVEL) must be one of debug, info, warn, error, not "loud"',
    ],
    [
      '',
      { ...BROKERS, ELASTREAM_INSECURE: 'yes' },
      'insecure (ELASTREAM_INSECURE) must be true or false, in the environment 1 or 0, not "yes"',
    ],
    [
      '',
      { ...BROKERS, CLICKHOUSE_URL: 'ftp://me:secret@x' },
      'clickhouse.url (CLICKHOUSE_URL) must be a URL such as http://127.0.0.1:8123 or https://host:8443, not "ftp://x"',
    ],
    [
      '',
      { ...BROKERS, ELASTREAM_GRPC_LISTEN: '127.0.0.1:70000' },
      'grpc.listen (ELASTREAM_GRPC_LISTEN) must be host:port with a port up to 65535, such as 127.0.0.1:7401, not "127.0.0.1:70000"',
    ],
    [
      'nats: {servers: [x], namespace: "a b"}',
      BROKERS,
      'nats.namespace (NATS_NAMESPACE) must be 1 to 32 letters, digits, _ and -, not "a b"',
    ],
    [
      'nats: {servers: [x], nkey_seed_file: a, credentials_file: b}',
      BROKERS,
      'nats.credentials_file (NATS_CREDENTIALS_FILE) must be left out beside nats.nkey_seed_file, not "b"',
    ],
    [
      'clickhouse: {url: "http://[::1]:8123", password_file: p}',
      BROKERS,
      'clickhouse.username (CLICKHOUSE_USERNAME) is missing: it must be given with password_file',
    ],
    [
      '',
      { ...BROKERS, KAFKA_USERNAME: 'u' },
      'kafka.sasl.password_file (KAFKA_PASSWORD_FILE) is missing: it must be a text',
    ],
    [
      '',
      { ...BROKERS, ELASTREAM_GRPC_CA_FILE: 'ca', ELASTREAM_GRPC_KEY_FILE: 'key' },
      'grpc.tls.certificate_file (ELASTREAM_GRPC_CERTIFICATE_FILE) is missing: it must be a text',
    ],
    ['kafka: nowhere', {}, 'kafka must hold names and values, not "nowhere"'],
    ['kafka: {broker: x}', BROKERS, 'kafka.broker: there is no such setting; --help lists them all'],
    ['nodes: 3', BROKERS, 'nodes: there is no such setting; --help lists them all'],
  ])('names field, variable, what is allowed and the value: %s %j', (yaml, environment, problem) => {
    expect(problems(yaml, environment)).toEqual([`  ${problem}`]);
  });

  it('names everything that is wrong', () => {
    const fields = problems('{nodes: 3, disks: 4, workers: 0}', { KAFKA_BROKERS: 'x', ELASTREAM_LOG_LEVEL: '' }).map(
      (line) => line.trim().split(/[ :]/)[0],
    );
    expect(fields.sort()).toEqual(['disks', 'kafka.brokers.0', 'nodes', 'workers']);
  });

  it('says what is wrong with a file', () => {
    expect(() => read('{')).toThrow(/service.yaml cannot be read as YAML: /);
    expect(() => read('[1]')).toThrow('service.yaml must hold names and values, such as kafka: {brokers: [...]}');
    const absent = { file: join(scratch.path, 'absent.yaml'), environment: BROKERS, node: 'n' };
    expect(() => readConfig(absent)).toThrow(/absent.yaml cannot be read as YAML: ENOENT/);
  });

  it('refuses what is open to other machines, all of it, unless it is told that the network is trusted', () => {
    const open = {
      KAFKA_BROKERS: 'kafka-1:9092,127.0.0.1:9092',
      NATS_URL: 'nats-1:4222',
      ELASTREAM_GRPC_LISTEN: '0.0.0.0:1',
    };
    const text = `connections beyond this machine must be protected:
  kafka.brokers kafka-1:9092: no kafka.tls
  nats.servers nats-1:4222: no nats.tls
  grpc.listen 0.0.0.0:1: no grpc.tls
set up TLS for them, or allow it with insecure (ELASTREAM_INSECURE=1) where the network is trusted`;
    expect(() => read('', open)).toThrow(text);
    expect(read('', { ...open, ELASTREAM_INSECURE: '1' }).insecure).toBe(true);
    expect(read('insecure: true', open).insecure).toBe(true);
  });
});
