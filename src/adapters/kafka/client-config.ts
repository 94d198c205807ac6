import kafkajs, { type KafkaConfig, type SASLOptions } from 'kafkajs';
import { openSocket } from './open-socket.ts';
import type { TopicDurability } from './topic-durability.ts';

/** PEM texts, not paths. */
export interface PemTexts {
  /** Of the authority that signed the brokers' certificates; without it those of the system. */
  readonly ca?: string;
  /** The client's certificate and key, both or neither. */
  readonly certificate?: string;
  readonly key?: string;
}

/**
 * How brokers know us; without it the connection is plain, which is for loopback and for trusted networks only. Functions
 * are asked at each connection, for what may have been renewed since the last.
 */
export interface KafkaSecurity {
  readonly tls?: PemTexts | (() => PemTexts);
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string | (() => string);
  };
}

export interface KafkaOptions extends Partial<TopicDurability> {
  /** `host:port` of some brokers; the others are learnt from them. */
  readonly brokers: readonly string[];
  /** Names us in the brokers' logs and metrics. */
  readonly clientId: string;
  readonly security?: KafkaSecurity;
}

export function clientConfig({ brokers, clientId, security = {} }: KafkaOptions): KafkaConfig {
  const { tls, sasl } = security;
  return {
    brokers: [...brokers],
    clientId,
    ...(tls && { ssl: tlsOptions(tls) }),
    ...(sasl && { sasl: saslOptions(sasl) }),
    socketFactory: (socket) => openSocket(tls ? { ...socket, ssl: tlsOptions(tls) } : socket),
    connectionTimeout: 3000,
    requestTimeout: 15_000,
    // Few and fast: our own loops try again, and kafkajs nests its retries, so that many would multiply.
    retry: { retries: 3, initialRetryTime: 50, maxRetryTime: 500 },
    // What fails is thrown to us; kafkajs' own log would say it once more per attempt.
    logLevel: kafkajs.logLevel.NOTHING,
  };
}

function tlsOptions(tls: NonNullable<KafkaSecurity['tls']>) {
  const { ca, certificate: cert, key } = typeof tls === 'function' ? tls() : tls;
  return {
    ...(ca !== undefined && { ca: [ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

/** kafkajs asks for the password whenever it authenticates. */
function saslOptions({ mechanism, username, password }: NonNullable<KafkaSecurity['sasl']>): SASLOptions {
  const options = {
    mechanism,
    username,
    get password() {
      return typeof password === 'function' ? password() : password;
    },
  };
  // One type per mechanism is what kafkajs declares; they differ in nothing else.
  return options as SASLOptions;
}
