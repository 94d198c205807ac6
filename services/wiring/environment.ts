/** An environment variable: its field in the configuration, its parser and its description. */
interface Variable {
  readonly path: readonly string[];
  readonly read: (text: string) => unknown;
  readonly meaning: string;
}

const asText = (text: string) => text;
const asList = (text: string) => text.split(',').map((part) => part.trim());
/** Text that is no number stays text, so that the check of the whole configuration names it. */
const asNumber = (text: string) => (Number.isFinite(Number(text)) ? Number(text) : text);
const asSwitch = (text: string) => ({ '1': true, true: true, '0': false, false: false })[text] ?? text;

function variable(path: string, meaning: string, read: Variable['read'] = asText): Variable {
  return { path: path.split('.'), read, meaning };
}

/**
 * Environment variables override the file. None of them holds a secret, because too many programs can read a process's
 * environment.
 */
export const VARIABLES: Readonly<Record<string, Variable>> = {
  ELASTREAM_NODE: variable('node', "this process's own name"),
  KAFKA_BROKERS: variable('kafka.brokers', 'host:port of some brokers, with commas between', asList),
  KAFKA_REPLICAS: variable('kafka.replicas', 'copies of each partition, a broker for each (3)', asNumber),
  KAFKA_MIN_INSYNC_REPLICAS: variable(
    'kafka.min_insync_replicas',
    'copies that acknowledge an event (2, or 1 of 1)',
    asNumber,
  ),
  KAFKA_FLUSH: variable('kafka.flush', '1: acknowledge from the disk (0, or 1 with 1 copy)', asSwitch),
  KAFKA_CA_FILE: variable('kafka.tls.ca_file', 'PEM file of who signed the brokers, which switches TLS on'),
  KAFKA_SASL_MECHANISM: variable('kafka.sasl.mechanism', 'plain, scram-sha-256 or scram-sha-512'),
  KAFKA_USERNAME: variable('kafka.sasl.username', 'switches SASL on'),
  KAFKA_PASSWORD_FILE: variable('kafka.sasl.password_file', 'file with the password'),
  NATS_URL: variable('nats.servers', 'nats://host:4222, several with commas between', asList),
  NATS_NAMESPACE: variable('nats.namespace', 'names of buckets begin with it (elastream)'),
  NATS_CA_FILE: variable('nats.tls.ca_file', 'PEM file, which switches TLS on'),
  NATS_NKEY_SEED_FILE: variable('nats.nkey_seed_file', "file with a user's nkey seed"),
  NATS_CREDENTIALS_FILE: variable('nats.credentials_file', "file with a user's JWT and seed"),
  CLICKHOUSE_URL: variable('clickhouse.url', 'http://host:8123'),
  CLICKHOUSE_DATABASE: variable('clickhouse.database', 'database of the tables (default)'),
  CLICKHOUSE_USERNAME: variable('clickhouse.username', 'user'),
  CLICKHOUSE_PASSWORD_FILE: variable('clickhouse.password_file', 'file with the password'),
  CLICKHOUSE_READER_USERNAME: variable(
    'clickhouse.reader.username',
    "gateway: the user of people's queries, who may only read",
  ),
  CLICKHOUSE_READER_PASSWORD_FILE: variable('clickhouse.reader.password_file', 'file with its password'),
  CLICKHOUSE_CA_FILE: variable('clickhouse.ca_file', 'PEM file of who signed the server'),
  ELASTREAM_GRPC_LISTEN: variable('grpc.listen', 'host:port for service calls (127.0.0.1:0)'),
  ELASTREAM_GRPC_ADVERTISE: variable('grpc.advertise', 'the host by which others reach it (its own name)'),
  ELASTREAM_GRPC_REFLECTION: variable(
    'grpc.reflection',
    '1: grpcurl may ask what is offered (1 on loopback, else 0)',
    asSwitch,
  ),
  ELASTREAM_GRPC_CA_FILE: variable('grpc.tls.ca_file', 'PEM file of who signs all services: mutual TLS'),
  ELASTREAM_GRPC_CERTIFICATE_FILE: variable('grpc.tls.certificate_file', "this service's certificate"),
  ELASTREAM_GRPC_KEY_FILE: variable('grpc.tls.key_file', 'and its key'),
  ELASTREAM_SUBMIT_STREAMS: variable(
    'limits.submit_streams',
    'gateway: submissions of a client at a time (8)',
    asNumber,
  ),
  ELASTREAM_FOLLOWERS: variable('limits.followers', 'gateway: calls of a client that read or follow (64)', asNumber),
  ELASTREAM_QUERIES: variable(
    'limits.queries',
    'gateway: queries of a client at a time, and as many predictions (4)',
    asNumber,
  ),
  ELASTREAM_CALLS: variable('limits.calls', 'gateway: calls of a client of each other method (64)', asNumber),
  ELASTREAM_SUBMIT_STREAM_BYTES: variable(
    'limits.submit_stream_bytes',
    'bytes of a submission not yet in the log (8388608)',
    asNumber,
  ),
  ELASTREAM_SUBMIT_BYTES: variable('limits.submit_bytes', 'and of all submissions together (134217728)', asNumber),
  ELASTREAM_HTTP_LISTEN: variable('http.listen', 'host:port of health, readiness and metrics (127.0.0.1:0)'),
  ELASTREAM_HTTP_CERTIFICATE_FILE: variable('http.tls.certificate_file', 'its certificate: https'),
  ELASTREAM_HTTP_KEY_FILE: variable('http.tls.key_file', 'and its key'),
  OTEL_EXPORTER_OTLP_ENDPOINT: variable('otlp.endpoint', 'http://collector:4318, to which traces go (nowhere)'),
  ELASTREAM_OTLP_ENDPOINT: variable('otlp.endpoint', 'the same, and goes before it'),
  ELASTREAM_OTLP_RATIO: variable('otlp.ratio', 'the part of the traces that is recorded, 0 to 1 (1)', asNumber),
  ELASTREAM_LOG_LEVEL: variable('log.level', 'debug, info, warn or error (info)'),
  ELASTREAM_WORKERS: variable('workers', 'threads that train, featurize or predict (the number of cores)', asNumber),
  ELASTREAM_FEATURE_SCHEMA: variable('feature_schema', 'what the feature vectors of a new log hold (elastream-281-v1)'),
  ELASTREAM_KEEP_MODELS: variable('keep_models', 'rounds of each campaign whose models are kept, or all (1)', asNumber),
  ELASTREAM_PROGRAMS: variable(
    'programs',
    'programs that campaigns may start, with commas between, or any (none)',
    (value) => (value === 'any' ? value : asList(value)),
  ),
  ELASTREAM_RUN_DIR: variable('run_dir', 'calculation: folder of their runs, shared with the queue (./runs)'),
  ELASTREAM_INSECURE: variable('insecure', '1 allows connections without TLS beyond this machine', asSwitch),
};

/** Returns the configuration that the variables set; it overrides that of a file. */
export function environmentConfig(environment: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const [name, { path, read }] of Object.entries(VARIABLES)) {
    const value = environment[name];
    if (value === undefined || value === '') continue;
    let place = config;
    for (const key of path.slice(0, -1)) {
      place[key] ??= {};
      place = place[key] as Record<string, unknown>;
    }
    place[path.at(-1)!] = read(value);
  }
  return config;
}

/** Returns the name of the variable that sets a field of the configuration; of several, the one that wins. */
export function variableOf(path: readonly PropertyKey[]): string | undefined {
  const key = path.join('.');
  return Object.keys(VARIABLES).findLast((name) => VARIABLES[name]!.path.join('.') === key);
}
