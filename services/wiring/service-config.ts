import { z } from 'zod';
import { LOOP_SCHEMAS } from '../../src/featurizers/feature-schema.ts';

/** A message tells the allowed values; the caller adds the field, its variable and its value. */
const text = withMessage('must be a text', (message) => z.string(message).min(1, message));
/** `host:port`; port 0 picks a free one. */
const address = withMessage('must be host:port with a port up to 65535, such as 127.0.0.1:7401', (message) =>
  z.string(message).refine((value) => Number(/^[^\s/]+:(\d{1,5})$/.exec(value)?.[1] ?? Number.NaN) <= 65_535, message),
);
const httpUrl = withMessage('must be a URL such as http://127.0.0.1:8123 or https://host:8443', (message) =>
  z.string(message).refine((value) => /^https?:\/\/[^\s/]+/i.test(value) && URL.canParse(value), message),
);
const listOf = <T extends z.ZodType>(item: T, what: string) =>
  withMessage(`must be a list of at least one ${what}`, (message) => z.array(item, message).min(1, message));
const wholeNumber = (min: number, max: number) =>
  withMessage(`must be a whole number from ${min} to ${max}`, (message) =>
    z.number(message).int(message).min(min, message).max(max, message),
  );
const choice = <T extends string>(...values: readonly T[]) => z.enum(values, `must be one of ${values.join(', ')}`);
const onOff = z.boolean('must be true or false, in the environment 1 or 0');
const section = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape, { error: sectionMessage });

function withMessage<T>(message: string, make: (message: string) => T): T {
  return make(message);
}

/** zod itself reports unknown keys. */
function sectionMessage({ code }: { readonly code?: string }): string | undefined {
  return code === 'invalid_type' ? 'must hold names and values' : undefined;
}

const tlsFiles = section({
  /** PEM files. */
  ca_file: text.optional(),
  certificate_file: text.optional(),
  key_file: text.optional(),
});

const kafka = section({
  brokers: listOf(address, 'host:port'),
  replicas: wholeNumber(1, 9).default(3),
  /** Number of replicas that have an event before it is acknowledged. Default: 2, or 1 if there is 1 replica. */
  min_insync_replicas: wholeNumber(1, 9).optional(),
  /**
   * Whether brokers acknowledge an event from the disk instead of from memory. Default: true with one replica,
   * otherwise false.
   */
  flush: onOff.optional(),
  tls: tlsFiles.optional(),
  sasl: section({
    mechanism: choice('plain', 'scram-sha-256', 'scram-sha-512').default('scram-sha-512'),
    username: text,
    password_file: text,
  }).optional(),
});

const nats = section({
  servers: listOf(text, 'server, such as nats://127.0.0.1:4222'),
  namespace: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,32}$/, 'must be 1 to 32 letters, digits, _ and -')
    .default('elastream'),
  tls: tlsFiles.optional(),
  nkey_seed_file: text.optional(),
  credentials_file: text.optional(),
});

const clickhouse = section({
  url: httpUrl,
  database: text.optional(),
  username: text.optional(),
  password_file: text.optional(),
  ca_file: text.optional(),
  /** The gateway runs people's queries as this user, who may only read. */
  reader: section({ username: text, password_file: text.optional() }).optional(),
});

const grpc = section({
  listen: address.default('127.0.0.1:0'),
  /** The host by which other services reach this one. Default: the host that it listens on. */
  advertise: text.optional(),
  /** Whether tools may ask what is offered. Default: only if it listens on this machine alone. */
  reflection: onOff.optional(),
  /** All three files or none. Without them calls are plain text, and allowed only from loopback. */
  tls: section({ ca_file: text, certificate_file: text, key_file: text }).optional(),
});

const RATIO = 'must be a number from 0 to 1';
const MIB = 2 ** 20;

/** What the clients of a gateway may use at a time. */
const limits = section({
  /** Per client: submissions; calls that read or follow the log or a campaign; queries, and as many predictions. */
  submit_streams: wholeNumber(1, 100_000).default(8),
  followers: wholeNumber(1, 100_000).default(64),
  queries: wholeNumber(1, 100_000).default(4),
  /** Per client, calls of each other method. */
  calls: wholeNumber(1, 100_000).default(64),
  /** Bytes that are not in the log yet: of one submission, and of all submissions together. */
  submit_stream_bytes: wholeNumber(MIB, 1024 * MIB).default(8 * MIB),
  submit_bytes: wholeNumber(MIB, 64 * 1024 * MIB).default(128 * MIB),
});

/** The configuration of a service. All services have the same schema, and each uses the part that it needs. */
export const serviceConfigSchema = section({
  /** Name of this process for the others; must be unique. */
  node: text,
  kafka,
  nats: nats.optional(),
  clickhouse: clickhouse.optional(),
  grpc: grpc.default({ listen: '127.0.0.1:0' }),
  limits: limits.prefault({}),
  http: section({
    listen: address.default('127.0.0.1:0'),
    /** If given, health and metrics are served over https. */
    tls: section({ certificate_file: text, key_file: text }).optional(),
  }).default({ listen: '127.0.0.1:0' }),
  /** Where spans go by OpenTelemetry's protocol over HTTP. Without an endpoint none are made. */
  otlp: section({
    endpoint: httpUrl.optional(),
    /** The part of the traces begun here that is exported. */
    ratio: z.number(RATIO).min(0, RATIO).max(1, RATIO).default(1),
  }).prefault({}),
  log: section({ level: choice('debug', 'info', 'warn', 'error').default('info') }).default({ level: 'info' }),
  /** Threads that train boosters or featurize structures. Default: the number of cores. */
  workers: wholeNumber(1, 256).optional(),
  /**
   * Number of rounds of each campaign whose models are kept, the newest ones. Older models are trained again if they
   * are needed.
   */
  keep_models: z.union([z.number().int().min(1), z.literal('all')], 'must be a whole number from 1, or all').default(1),
  /** What the vectors of a new log hold; a log keeps its own. Campaigns with features +g need the longer one. */
  feature_schema: choice(...LOOP_SCHEMAS).default(LOOP_SCHEMAS[0]),
  /** Programs that campaigns may start, as their calculator.argv names them, or any. Default: none */
  programs: z.union([z.literal('any'), z.array(text).min(1)], 'must be a list of programs, or any').optional(),
  /** Folder of their runs, which all calculation services and their queue share. Default: `runs` where it is started */
  run_dir: text.optional(),
  /** Allows connections without TLS beyond this machine. */
  insecure: onOff.default(false),
}).superRefine((config, context) => {
  const { replicas, min_insync_replicas: minInsync = 1 } = config.kafka;
  if (minInsync > replicas) {
    const message = `must be at most kafka.replicas, which is ${replicas}`;
    context.addIssue({ code: 'custom', path: ['kafka', 'min_insync_replicas'], message });
  }
  if (config.nats?.nkey_seed_file !== undefined && config.nats.credentials_file !== undefined) {
    const message = 'must be left out beside nats.nkey_seed_file';
    context.addIssue({ code: 'custom', path: ['nats', 'credentials_file'], message });
  }
  if (config.clickhouse?.password_file !== undefined && config.clickhouse.username === undefined) {
    context.addIssue({ code: 'custom', path: ['clickhouse', 'username'], message: 'must be given with password_file' });
  }
});

export type ServiceConfig = z.infer<typeof serviceConfigSchema>;
