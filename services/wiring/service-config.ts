import { z } from 'zod';

const text = z.string().min(1);
/** `host:port`; port 0 takes a free one. */
const address = z.string().regex(/^.+:\d{1,5}$/, 'must be host:port, such as 127.0.0.1:7401');
const tlsFiles = z.strictObject({
  /** PEM files. */
  ca_file: text.optional(),
  certificate_file: text.optional(),
  key_file: text.optional(),
});

const kafka = z.strictObject({
  brokers: z.array(address).min(1),
  replicas: z.number().int().min(1).max(9).default(3),
  tls: tlsFiles.optional(),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).default('scram-sha-512'),
      username: text,
      password_file: text,
    })
    .optional(),
});

const nats = z.strictObject({
  servers: z.array(text).min(1),
  namespace: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,32}$/)
    .default('elastream'),
  tls: tlsFiles.optional(),
  nkey_seed_file: text.optional(),
  credentials_file: text.optional(),
});

const clickhouse = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  database: text.optional(),
  username: text.optional(),
  password_file: text.optional(),
  ca_file: text.optional(),
});

const grpc = z.strictObject({
  listen: address.default('127.0.0.1:0'),
  /** The host by which other services reach this one; the one it listens on unless told. */
  advertise: text.optional(),
  /** All three, or none: then calls are plain, and from loopback only. */
  tls: z.strictObject({ ca_file: text, certificate_file: text, key_file: text }).optional(),
});

/** What a service is told at its start; every service takes the same, and uses what it needs. */
export const serviceConfigSchema = z
  .strictObject({
    /** Names this process to the others; must be its own. */
    node: text,
    kafka,
    nats: nats.optional(),
    clickhouse: clickhouse.optional(),
    grpc: grpc.default({ listen: '127.0.0.1:0' }),
    http: z.strictObject({ listen: address.default('127.0.0.1:0') }).default({ listen: '127.0.0.1:0' }),
    log: z
      .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') })
      .default({ level: 'info' }),
    /** Boosters that train side by side; as many as there are cores unless told. */
    workers: z.number().int().min(1).max(256).optional(),
    /** Allows connections without TLS beyond this machine. */
    insecure: z.boolean().default(false),
  })
  .superRefine((config, context) => {
    if (config.nats?.nkey_seed_file !== undefined && config.nats.credentials_file !== undefined) {
      const message = 'nkey_seed_file and credentials_file exclude each other: name one';
      context.addIssue({ code: 'custom', path: ['nats'], message });
    }
    if (config.clickhouse?.password_file !== undefined && config.clickhouse.username === undefined) {
      context.addIssue({ code: 'custom', path: ['clickhouse', 'username'], message: 'is needed with password_file' });
    }
  });

export type ServiceConfig = z.infer<typeof serviceConfigSchema>;
